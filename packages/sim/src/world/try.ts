import { simulate } from './simulate.ts';
const agents = Array.from({ length: 30 }, (_, i) => ({ name: `a${i}`, queues: [{ name: 'x', priority: 1 + (i % 2), delaySeconds: i % 3 ? 0 : 10 }, ...(i % 2 ? [{ name: 'y' }] : [])] }));
const t = performance.now();
const r = simulate({ seed: Number(process.argv[2] ?? 1), hours: 2, checkEvery: 1, ...(process.argv[3] ? { machineDelayMsMean: Number(process.argv[3]) } : {}), configuration: { agents, queues: [
 { name: 'x', settings: { wrapUp: { mode: 'timed', seconds: 20 }, maxSize: 20, maxWaitSeconds: 120 }, callers: { arrivalsPerHour: 400, patienceSecondsMean: 60, talkSecondsMean: 180 } },
 { name: 'y', settings: { wrapUp: { mode: 'mandatory' } }, callers: { arrivalsPerHour: 100, patienceSecondsMean: 60, talkSecondsMean: 180 } } ] } });
console.log(performance.now() - t, JSON.stringify({ ...r, agents: r.agents.slice(0, 2) }, null, 1));
