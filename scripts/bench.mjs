/** `npm run bench -- NAME [options]`: one figure of `bench/README.md`. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure, printFailure } from './lib/failure.mjs';
import { findNode24 } from './lib/node24.mjs';
import { ensureServer } from './lib/server.mjs';

const benches = {
  calls: 'bench/calls.ts',
  durability: 'bench/durability.ts',
  'free-to-invite': 'bench/free-to-invite.ts',
  memory: 'bench/memory.ts',
  api: 'bench/api.ts',
  desk: 'bench/desk.ts',
  hostile: 'bench/hostile.ts',
  'flow-digit': 'bench/flow-digit.ts',
  start: 'bench/start.ts',
  soak: 'bench/soak.ts',
  media: 'packages/server/bench/media.ts',
  'media-rooms': 'packages/server/bench/rooms.ts',
  codecs: 'packages/media/bench/codecs.ts',
  jitter: 'packages/media/bench/jitter.ts',
  mixer: 'packages/media/bench/mixer.ts',
  opus: 'packages/server/bench/opus.ts',
  detect: 'packages/media/bench/detect.ts',
  srtp: 'packages/media/bench/srtp.ts',
  mp3: 'packages/server/bench/mp3.ts',
  'sip-parse': 'packages/sip/bench/parse.ts',
  'sip-calls': 'packages/sip/bench/calls.ts',
  distributor: 'packages/core/bench/acd.ts',
  flows: 'packages/core/bench/ivr.ts',
  rules: 'packages/core/bench/routing.ts',
  scripts: 'packages/server/bench/scripts.ts',
  storm: 'packages/sim/bench/storm.ts',
  simulator: 'packages/sim/bench/whatif.ts',
};
/** Telephones that measure time collect their garbage seldom: their own pauses are no part of the figure. */
const measuringTelephones = ['--min-semi-space-size=64', '--max-semi-space-size=64'];
const nodeOptions = { 'free-to-invite': measuringTelephones };
const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  const [name, ...args] = process.argv.slice(2);
  const file = benches[name];
  if (file === undefined) {
    throw new Failure(
      `There is no bench "${name ?? ''}".`,
      `The benches are ${Object.keys(benches).join(', ')}.`,
    );
  }
  const node = findNode24(root);
  // What is measured is what `npm start` runs; while somebody edits, it is the sources.
  await ensureServer(root, node).catch(printFailure);
  const run = spawnSync(node.path, [...(nodeOptions[name] ?? []), join(root, file), ...args], {
    stdio: 'inherit',
  });
  process.exitCode = run.status ?? 1;
} catch (error) {
  printFailure(error);
  process.exitCode = 2;
}
