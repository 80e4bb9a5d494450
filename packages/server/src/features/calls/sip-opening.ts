import type { SipServiceOptions } from '../../carriers/sip/index.ts';
import { explainPortError, type Settings } from '../../platform/index.ts';

/** Opens the line; a port that is taken is told with its setting. */
export async function openSip(settings: Settings, open: () => Promise<void>): Promise<void> {
  try {
    await open();
  } catch (error) {
    const { host, port } = settings.sip;
    throw explainPortError(error, {
      host,
      port,
      // Node names the system call: TCP sockets listen, UDP sockets bind.
      protocol: (error as NodeJS.ErrnoException).syscall === 'bind' ? 'udp' : 'tcp',
      setting: 'CROSSPOINT_SIP_PORT',
      hostSetting: 'CROSSPOINT_SIP_HOST',
      purpose: 'SIP',
    });
  }
}

/** How the line speaks TLS; undefined when it does not. */
export function tlsOf({ sip: { tlsPort, tlsCert, tlsKey, tlsDir } }: Settings): SipServiceOptions['tls'] {
  if (tlsPort === undefined) return undefined;
  const files =
    tlsCert === undefined || tlsKey === undefined ? undefined : { certificate: tlsCert, key: tlsKey };
  return { port: tlsPort, files, dir: tlsDir };
}
