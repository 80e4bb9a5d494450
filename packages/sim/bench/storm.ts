/**
 * A million offers with crashes of telephones, callers who hang up in the millisecond of the answer, changes of status while it
 * rings, ring-all, lost timers and changes of the configuration: no contact with two agents, no agent above capacity, nobody stuck,
 * and rule 17 at every look. `npm run bench -- storm [--offers N] [--seed N]`
 */
import { parseArgs } from 'node:util';
import { runStorm } from '../src/storm/index.ts';

const { values } = parseArgs({
  options: { offers: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
const before = process.cpuUsage();
const result = runStorm({ offers: Number(values.offers), seed: Number(values.seed), checkEvery: 20_000 });
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify(result, undefined, 2));
console.log(`held in ${((user + system) / 1e6).toFixed(1)} CPU seconds`);
