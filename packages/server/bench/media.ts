/**
 * Bridged calls per core and memory per call: `node packages/server/bench/media.ts [options]`.
 *
 * One media process relays the calls of a load generator in another process; only the media process's own CPU
 * time is counted (`stats`, user and system). A call is two legs of 50 packets a second each, so calls per core
 * are 1,000,000 µs / (100 packets × µs per relayed packet). What the kernel does to deliver a packet on loopback
 * is charged to the sender, so each relayed packet carries one full send and one receive.
 *
 *   --packets=koffi|dgram|both   --calls=500   --seconds=8   --record=no|yes|both   --transcode
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MediaClient } from '../src/media/client.ts';
import type { PacketPathChoice } from '../src/media/process/open-packets.ts';
import { settingsToArguments } from '../src/media/process/settings.ts';
import type { MediaProcessStats } from '../src/media/protocol.ts';
import { mediaNodeOptions } from '../src/media/spare-process.ts';

const { values: options } = parseArgs({
  options: {
    packets: { type: 'string', default: 'both' },
    calls: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '8' },
    record: { type: 'string', default: 'both' },
    transcode: { type: 'boolean', default: false },
  },
});
const callCount = Number(options.calls);
const seconds = Number(options.seconds);
const rtpPortMin = 44_000;
const generatorPortMin = rtpPortMin + callCount * 4 + 400;
const warmUpSeconds = 3;

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function connected(client: MediaClient): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await client.connect();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await wait(50);
    }
  }
}

interface Figures {
  usPerPacket: number;
  kernelUsPerPacket: number;
  callsPerCore: number;
  kilobytesPerCall: number;
  sharePercent: number;
  lostPercent: number;
  idlePercent: number;
}

/** Opens every call: two legs each, bridged, optionally recorded. Returns the ports of the legs. */
async function openCalls(
  client: MediaClient,
  directory: string,
  record: boolean,
  remotes: number[],
): Promise<number[]> {
  const ports: number[] = [];
  for (let call = 0; call < callCount; call++) {
    for (const side of ['a', 'b']) {
      const legId = `${side}${call}`;
      const { port } = await client.allocateLeg({ legId });
      const codec = options.transcode && side === 'b' ? 'PCMA' : 'PCMU';
      await client.setRemote({
        legId,
        address: '127.0.0.1',
        port: remotes[ports.length] as number,
        codec,
        payloadType: codec === 'PCMA' ? 8 : 0,
        direction: 'sendrecv',
        ptimeMs: 20,
        rtcpMux: true,
        telephoneEventPayloadType: 101,
      });
      ports.push(port);
    }
    await client.bridge(`a${call}`, `b${call}`);
    if (!record) continue;
    const file = join(directory, `${call}.wav`);
    await client.startRecording({ recordingId: `r${call}`, path: file, left: `a${call}`, right: `b${call}` });
  }
  return ports;
}

function cpu(stats: MediaProcessStats): number {
  return stats.cpuUserMicroseconds + stats.cpuSystemMicroseconds;
}

/** The load generator and what it says, line by line. */
function startLoad(): { process: ChildProcess; next: () => Promise<string> } {
  const args = [path('load.ts'), String(callCount * 2), String(generatorPortMin)];
  const load = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: load.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return {
    process: load,
    next: async () => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the load generator has ended');
      return value;
    },
  };
}

async function measure(packets: PacketPathChoice, record: boolean): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'crosspoint-bench-'));
  const socketPath = join(directory, 'media.sock');
  const args = settingsToArguments({
    socketPath,
    bindAddress: '127.0.0.1',
    rtpPortMin,
    rtpPortMax: generatorPortMin - 2,
    packets,
    rtpTimeoutSeconds: 60,
    soundTimeoutSeconds: 60,
    orphanExitSeconds: 5,
    orphanLegSilenceSeconds: 5,
  });
  const media = spawn(process.execPath, [...mediaNodeOptions, path('../src/media/main.ts'), ...args], {
    stdio: 'ignore',
  });
  const client = new MediaClient({ socketPath, requestTimeoutMs: 60_000 });
  const load = startLoad();
  try {
    await connected(client);
    const idleStart = await client.stats();
    await wait(1000);
    const idle = await client.stats();
    const remotes = JSON.parse(await load.next()) as number[];
    const ports = await openCalls(client, directory, record, remotes);
    load.process.stdin?.write(`${JSON.stringify(ports)}\n`);
    await load.next();
    await wait(warmUpSeconds * 1000);
    const first = await client.stats();
    const startedAtMs = performance.now();
    await wait(seconds * 1000);
    const last = await client.stats();
    const elapsedUs = (performance.now() - startedAtMs) * 1000;
    const relayed = last.packetsRelayed - first.packetsRelayed;
    const usPerPacket = (cpu(last) - cpu(first)) / relayed;
    return {
      usPerPacket,
      kernelUsPerPacket: (last.cpuSystemMicroseconds - first.cpuSystemMicroseconds) / relayed,
      callsPerCore: 1_000_000 / (100 * usPerPacket),
      kilobytesPerCall: (last.residentBytes - idle.residentBytes) / 1024 / callCount,
      sharePercent: (100 * (cpu(last) - cpu(first))) / elapsedUs,
      lostPercent: 100 * (1 - relayed / ((callCount * 100 * elapsedUs) / 1_000_000)),
      idlePercent: (cpu(idle) - cpu(idleStart)) / 10_000,
    };
  } finally {
    load.process.stdin?.end();
    if (client.isConnected) await client.shutdown();
    client.close();
    if (media.exitCode === null) await once(media, 'exit');
    rmSync(directory, { recursive: true, force: true });
  }
}

const paths =
  options.packets === 'both' ? (['koffi', 'dgram'] as const) : [options.packets as PacketPathChoice];
const recordings = options.record === 'both' ? [false, true] : [options.record === 'yes'];
console.log(`${callCount} calls, ${seconds} s${options.transcode ? ', µ-law to A-law' : ''}`);
console.log('packets  recorded  µs/packet  of it kernel  calls/core  kB/call  core used  not relayed  idle');
for (const packets of paths) {
  for (const record of recordings) {
    const figures = await measure(packets, record);
    console.log(
      [
        packets.padEnd(8),
        (record ? 'stereo' : 'no').padEnd(8),
        figures.usPerPacket.toFixed(2).padStart(10),
        figures.kernelUsPerPacket.toFixed(2).padStart(13),
        figures.callsPerCore.toFixed(0).padStart(11),
        figures.kilobytesPerCall.toFixed(1).padStart(8),
        `${figures.sharePercent.toFixed(0)} %`.padStart(10),
        `${figures.lostPercent.toFixed(1)} %`.padStart(12),
        `${figures.idlePercent.toFixed(1)} %`.padStart(6),
      ].join(' '),
    );
  }
}
