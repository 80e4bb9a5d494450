import { type OfferResult, RoutingStrategy, type TimelineFact } from '@crosspoint/contracts';
import type { Tone } from '#lib/components/tone.ts';
import { m } from '#lib/paraglide/messages.js';
import { strategyLabel } from '#lib/features/queues/strategies.ts';
import { reasonWords } from './reasons.ts';
import { duration, type NameOf, type Words } from './line-words.ts';

type QueueFact = Extract<TimelineFact, { type: `queue.${string}` | `offer.${string}` | `entry.${string}` }>;
type Offered = Extract<TimelineFact, { type: 'offer.made' }>['data'];
type Overridden = Extract<TimelineFact, { type: 'entry.overridden' }>['data'];

const offerWords: Record<OfferResult, (of: { agent: string; time: string }) => string> = {
  accepted: m.timeline_offer_accepted,
  rejected: m.timeline_offer_rejected,
  busy: m.timeline_offer_busy,
  'timed-out': m.timeline_offer_timed_out,
  failed: m.timeline_offer_failed,
  cancelled: m.timeline_offer_cancelled,
  rescinded: m.timeline_offer_rescinded,
};
const offerTones: Record<OfferResult, Tone> = {
  accepted: 'talk',
  rejected: 'bad',
  busy: 'bad',
  'timed-out': 'bad',
  failed: 'bad',
  cancelled: 'off',
  rescinded: 'off',
};
/** Results whose reason says more than the result does. */
const unusual: ReadonlySet<OfferResult> = new Set<OfferResult>(['failed', 'cancelled']);
const queueLeft = {
  abandoned: m.timeline_queue_abandoned,
  overflowed: m.timeline_queue_overflowed,
  callback: m.timeline_queue_callback,
} as const;

const decisions: Record<string, () => string> = {
  'longest-idle': m.why_decided_longest_idle,
  'only-ready': m.why_decided_only_ready,
  'queue-priority': m.why_decided_queue_priority,
  predicted: m.why_decided_predicted,
  'sticky-agent': m.why_decided_sticky,
  'assigned-by-supervisor': m.why_decided_assigned,
};

/** What decided for this agent, among how many, and before whom (QUE-14). */
function decided({ why, by, consideredCount, considered }: Offered, nameOf: NameOf): string {
  const strategy = RoutingStrategy.safeParse(why);
  const reason = decisions[why]?.() ?? (strategy.success ? strategyLabel(strategy.data) : '');
  const before = considered?.length
    ? m.timeline_before({ agents: considered.map(({ agentId }) => nameOf(agentId)).join(', ') })
    : '';
  const control = by === 'control' ? m.why_decided_control() : '';
  return [reason, control, m.timeline_considered({ count: consideredCount }), before]
    .filter((part) => part !== '')
    .join(', ');
}

function overridden(data: Overridden, nameOf: NameOf): string {
  switch (data.action) {
    case 'moved':
      return m.timeline_moved({ queue: nameOf(data.toQueueId) });
    case 'reprioritised':
      return m.timeline_reprioritised({ priority: data.priority ?? 0 });
    case 'assigned':
      return m.timeline_assigned({ agent: nameOf(data.agentId) });
    case 'removed':
      return m.timeline_removed();
  }
}

/** Waiting in queues and being offered to agents as lines of the timeline. */
export function queueWords(fact: QueueFact, nameOf: NameOf): Words | null {
  switch (fact.type) {
    case 'queue.entered':
      return {
        text: m.timeline_queued({ queue: nameOf(fact.data.queueId), position: fact.data.position }),
        tone: 'waiting',
      };
    case 'queue.left':
      // The line of the conversation that follows says how long the answered one waited.
      return fact.data.result === 'answered'
        ? null
        : {
            text: queueLeft[fact.data.result]({
              queue: nameOf(fact.data.queueId),
              time: duration(fact.data.waitMs),
            }),
            tone: 'bad',
          };
    case 'offer.made':
      return {
        text: m.timeline_offered({ agent: nameOf(fact.data.agentId) }),
        detail: decided(fact.data, nameOf),
        tone: 'offered',
      };
    case 'offer.ended':
      return fact.data.result === 'accepted'
        ? null
        : {
            text: offerWords[fact.data.result]({
              agent: nameOf(fact.data.agentId),
              time: duration(fact.data.ringMs),
            }),
            detail: unusual.has(fact.data.result) ? reasonWords(fact.data.reason) : '',
            tone: offerTones[fact.data.result],
          };
    case 'entry.relaxed':
      return { text: m.timeline_relaxed({ step: fact.data.step, steps: fact.data.steps }), tone: 'waiting' };
    case 'entry.aged':
      return { text: m.timeline_aged({ priority: fact.data.priority }), tone: 'waiting' };
    case 'entry.overridden':
      return { text: overridden(fact.data, nameOf), tone: 'waiting' };
  }
}
