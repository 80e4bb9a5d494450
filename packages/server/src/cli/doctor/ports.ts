import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { explainPortError, PlatformError, type PortUse, type Settings } from '../../platform/index.ts';
import type { CheckResult } from './result.ts';

/** Opens and closes every port that the server would listen on. */
export async function checkPorts(settings: Settings): Promise<CheckResult[]> {
  const { http, sip, rtp } = settings;
  const sipUse = { host: sip.host, port: sip.port, setting: 'CROSSPOINT_SIP_PORT', purpose: 'SIP' } as const;
  const uses: PortUse[] = [
    { ...http, protocol: 'tcp', setting: 'CROSSPOINT_HTTP_PORT', purpose: 'console and API' },
    { ...sipUse, protocol: 'udp' },
    { ...sipUse, protocol: 'tcp' },
  ];
  if (sip.tlsPort !== undefined) {
    uses.push({
      host: sip.host,
      port: sip.tlsPort,
      protocol: 'tcp',
      setting: 'CROSSPOINT_SIP_TLS_PORT',
      hostSetting: 'CROSSPOINT_SIP_HOST',
      purpose: 'SIP over TLS',
    });
  }
  const results: CheckResult[] = [];
  for (const use of uses) results.push(await checkPort(use));
  const pairs = Math.floor((rtp.portMax - rtp.portMin + 1) / 2);
  results.push({
    state: 'ok',
    subject: 'RTP ports',
    finding: `${rtp.portMin} to ${rtp.portMax}: ${pairs} legs at once`,
  });
  return results;
}

async function checkPort(use: PortUse): Promise<CheckResult> {
  const subject = `${use.protocol.toUpperCase()} ${use.port}`;
  try {
    await (use.protocol === 'tcp' ? tryTcp(use) : tryUdp(use));
    return { state: 'ok', subject, finding: `free on ${use.host}, for ${use.purpose}` };
  } catch (error) {
    const explained = explainPortError(error, use);
    if (!(explained instanceof PlatformError)) throw explained;
    return { state: 'problem', subject, finding: explained.message, remedy: explained.remedy };
  }
}

function tryTcp({ host, port }: PortUse): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

function tryUdp({ host, port }: PortUse): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.bind(port, host, () => socket.close(() => resolve()));
  });
}
