// `npm run bench -- srtp`: CPU microseconds per SRTP packet and direction, G.711 of 20 ms. Argument: number of batches.
import { createCipheriv } from 'node:crypto';
import {
  openSrtp,
  type SrtpCrypto,
  type SrtpProfileName,
  srtpMasterBytes,
  srtpProfiles,
} from '../src/index.ts';

/** The same as `packages/server/src/media/process/srtp-crypto.ts`, which this room does not know. */
const crypto: SrtpCrypto = {
  aesBlocks(key) {
    const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    return (blocks) => cipher.update(blocks);
  },
};

/** CPU time of this process in milliseconds: neighbours on a busy machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const batch = 4_000;
const legs = 50;
const rounds = Number(process.argv[2] ?? 20);

for (const profile of Object.keys(srtpProfiles) as SrtpProfileName[]) {
  const master = new Uint8Array(srtpMasterBytes(profile)).fill(7);
  const senders = Array.from({ length: legs }, () => openSrtp(profile, master, crypto));
  const receivers = Array.from({ length: legs }, () => openSrtp(profile, master, crypto));
  const packets = Array.from({ length: batch }, () => new Uint8Array(192));
  const wireBytes = 172 + srtpProfiles[profile].rtpTagBytes;
  let protectMs = Number.POSITIVE_INFINITY;
  let unprotectMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    for (const [i, packet] of packets.entries()) {
      const sequence = round * (batch / legs) + Math.floor(i / legs);
      packet.set([0x80, 0, sequence >>> 8, sequence & 0xff, 0, 0, 0, 0, 1, 2, 3, 4]);
    }
    let refused = 0;
    let started = cpuMs();
    for (let i = 0; i < batch; i++) {
      if (senders[i % legs]!.protectRtp(packets[i]!, 172) !== wireBytes) refused++;
    }
    protectMs = Math.min(protectMs, cpuMs() - started);
    started = cpuMs();
    for (let i = 0; i < batch; i++) {
      if (receivers[i % legs]!.unprotectRtp(packets[i]!, wireBytes) !== 172) refused++;
    }
    unprotectMs = Math.min(unprotectMs, cpuMs() - started);
    if (refused > 0) throw new Error(`${profile}: ${refused} packets were refused`);
  }
  const microseconds = (ms: number) => ((ms * 1000) / batch).toFixed(2);
  console.log(
    `${profile.padEnd(24)} protect ${microseconds(protectMs)} µs, unprotect ${microseconds(unprotectMs)} µs (wanted: under 3)`,
  );
}
