import type { EpochMs } from '@crosspoint/contracts';
import type { Agent, Entry, Queue } from './model.ts';

/**
 * The estimated wait (rule 14), from how the queue has moved of late rather than from how it should: the time between two
 * answers while somebody waits is measured, so that agents who serve several queues count with the share that this queue really
 * gets of them. Callers ahead who will give up are counted by the rate at which they do.
 */

/** How much the latest of many measurements weighs. */
const weightOfLatest = 0.1;
/** Fewer measurements than this say nothing. */
const samplesMin = 3;
const fading = 0.98;

/** The contact waits for an agent, and nobody is ready for it. */
export function noteWaiting({ flow }: Queue, now: EpochMs): void {
  flow.busySince ??= now;
}

/** A stay is over. */
export function noteDeparture(entry: Entry, result: string, now: EpochMs): void {
  const { flow, waiting } = entry.queue;
  if (!entry.wishes.isCallback) {
    flow.abandons = flow.abandons * fading + (result === 'abandoned' ? 1 : 0);
    flow.waitedMs = flow.waitedMs * fading + (now - entry.enteredAt);
  }
  if (result === 'answered' && flow.busySince !== null) {
    const headwayMs = now - flow.busySince;
    flow.headwayMs = averaged(flow.headwayMs, headwayMs, flow.headways);
    flow.headways += 1;
    flow.busySince = now;
  }
  if (waiting === 0) flow.busySince = null;
}

/** An agent was taken by a contact of the queue for so long, wrap-up included. */
export function noteHandled({ flow }: Queue, handleMs: number): void {
  flow.handleMs = averaged(flow.handleMs, handleMs, flow.handled);
  flow.handled += 1;
}

/** The capacity of an agent that falls to each of his queues. */
export function shareOf(agent: Agent): number {
  return agent.capacity / Math.max(1, agent.memberships.length);
}

/** What a newcomer waits who has so many before him; 0 when an agent is ready, null without data. Milliseconds. */
export function estimateWaitMs(queue: Queue, ahead: number): number | null {
  return ahead === 0 && queue.readyCount > 0 ? 0 : expectedWaitMs(queue, ahead);
}

/** What this contact waits from now on, to which nobody who is ready can be offered; null without data. Milliseconds. */
export function estimateForMs({ demand, queue }: Entry, ahead: number): number | null {
  return demand.candidates.size === 0 ? null : expectedWaitMs(queue, ahead);
}

function expectedWaitMs(queue: Queue, ahead: number): number | null {
  const headwayMs = headwayOf(queue);
  if (headwayMs === null) return null;
  const { abandons, waitedMs } = queue.flow;
  // Each of those ahead gives up at this rate, so that the k-th of them leaves after 1 / (answers + k · abandons).
  const givesUp = waitedMs > 0 ? abandons / waitedMs : 0;
  const answers = 1 / headwayMs;
  if (givesUp * (ahead + 1) < answers * 1e-6) return (ahead + 1) * headwayMs;
  return Math.log(1 + ((ahead + 1) * givesUp) / answers) / givesUp;
}

/** Time between two answers: as measured, or as the agents at work should make it. */
function headwayOf({ flow, workforce }: Queue): number | null {
  // However it moved while agents were at work, nothing is known of the time after they come back.
  if (workforce <= 0) return null;
  if (flow.headways >= samplesMin && flow.headwayMs > 0) return flow.headwayMs;
  if (flow.handled < samplesMin) return null;
  return Math.max(1, flow.handleMs / workforce);
}

function averaged(mean: number, latest: number, count: number): number {
  return mean + (latest - mean) * Math.max(weightOfLatest, 1 / (count + 1));
}
