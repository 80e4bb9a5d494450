import { simulate } from './simulate.ts';
const agents = Array.from({ length: 200 }, (_, i) => ({ name: `a${i}`, capacity: 1 + (i % 10 === 0 ? 1 : 0), queues: [{ name: 'x', priority: 1 + (i % 2), delaySeconds: i % 3 ? 0 : 10 }, ...(i % 2 ? [{ name: 'y' }] : [])] }));
const t = performance.now();
const r = simulate({ seed: 7, hours: 8, checkEvery: 0, configuration: { agents, queues: [
 { name: 'x', settings: { wrapUp: { mode: 'timed', seconds: 20 }, maxSize: 20, maxWaitSeconds: 120 }, callers: { arrivalsPerHour: 2500, patienceSecondsMean: 60, talkSecondsMean: 180 } },
 { name: 'y', settings: { wrapUp: { mode: 'optional' } }, callers: { arrivalsPerHour: 500, patienceSecondsMean: 60, talkSecondsMean: 180 } } ] } });
console.log(performance.now() - t, r.contacts, r.inputs, r.facts, r.outcomes, r.repairs.length, r.queues[0]);
