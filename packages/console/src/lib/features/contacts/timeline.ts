import {
  type OfferResult,
  RoutingStrategy,
  type SpokenAnswer,
  type TimelineFact,
} from '@crosspoint/contracts';
import type { Tone } from '#lib/components/tone.ts';
import { shown } from '#lib/i18n/shown.ts';
import { m } from '#lib/paraglide/messages.js';
import { exitWords } from '#lib/features/flows/exits.ts';
import { strategyLabel } from '#lib/features/queues/strategies.ts';
import { outcomeLabel } from '#lib/i18n/labels.ts';
import { answerWords } from './answer-words.ts';
import { gatheringWords } from './gathering-words.ts';
import { qualityWords } from './quality.ts';
import { reasonWords } from './reasons.ts';

/** One line of the timeline: what happened, in words, and the colour of its dot. */
export interface TimelineLine {
  seq: number;
  at: string;
  text: string;
  detail: string;
  tone: Tone;
}

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
const wrapUpBy = {
  agent: m.timeline_wrapup_by_agent,
  timer: m.timeline_wrapup_by_timer,
  supervisor: m.timeline_wrapup_by_supervisor,
  system: m.timeline_wrapup_by_system,
} as const;

type Offered = Extract<TimelineFact, { type: 'offer.made' }>['data'];
type Overridden = Extract<TimelineFact, { type: 'entry.overridden' }>['data'];

const decisions: Record<string, () => string> = {
  'longest-idle': m.why_decided_longest_idle,
  'only-ready': m.why_decided_only_ready,
  'queue-priority': m.why_decided_queue_priority,
  predicted: m.why_decided_predicted,
  'sticky-agent': m.why_decided_sticky,
  'assigned-by-supervisor': m.why_decided_assigned,
};

/** What decided for this agent, among how many, and before whom (QUE-14). */
function decided(
  { why, by, consideredCount, considered }: Offered,
  nameOf: (id: string | undefined) => string,
): string {
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

function overridden(data: Overridden, nameOf: (id: string | undefined) => string): string {
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

const duration = (ms: number): string => shown.duration(ms / 1000);
type Words = Pick<TimelineLine, 'text' | 'tone'> & { detail?: string };

/** By which trunk a call came, and from where it was passed on. */
function wayOf({ trunk, diversions }: Extract<TimelineFact, { type: 'contact.started' }>['data']): string {
  const parts: string[] = [];
  if (trunk !== undefined) parts.push(m.timeline_by_trunk({ trunk }));
  const numbers = (diversions ?? []).map(({ number }) => number).filter((number) => number !== '');
  if (numbers.length > 0) parts.push(m.timeline_diverted_from({ numbers: numbers.join(', ') }));
  return parts.join(', ');
}

/** Facts that only repeat what another line says are not shown. */
function words(fact: TimelineFact, nameOf: (id: string | undefined) => string): Words | null {
  switch (fact.type) {
    case 'contact.started': {
      const { callerPhone, number, direction } = fact.data;
      const caller = callerPhone === '' ? m.contact_unknown() : callerPhone;
      return direction === 'inbound'
        ? { text: m.timeline_called({ caller, number }), detail: wayOf(fact.data), tone: 'off' }
        : { text: m.timeline_dialled({ number }), tone: 'off' };
    }
    case 'contact.deflected':
      return { text: m.timeline_deflected({ reason: reasonWords(fact.data.reason) }), tone: 'bad' };
    case 'leg.added':
      return null;
    case 'leg.ended':
      return fact.data.party === 'customer'
        ? {
            text: fact.data.by === 'remote' ? m.timeline_customer_hung_up() : m.timeline_customer_released(),
            detail: [
              fact.data.by === 'remote' ? '' : reasonWords(fact.data.verdict.reason),
              qualityWords(fact.data.quality),
            ]
              .filter((part) => part !== '')
              .join(' · '),
            tone: 'off',
          }
        : null;
    case 'routing.decided':
      return fact.data.rule === undefined
        ? { text: m.timeline_routing_none(), detail: fact.data.reason, tone: 'bad' }
        : {
            text: m.timeline_routing_rule({ rule: fact.data.rule, target: fact.data.target }),
            detail: fact.data.reason,
            tone: 'off',
          };
    case 'voicemail.left':
      return {
        text: m.timeline_voicemail({ box: fact.data.box }),
        detail: duration(fact.data.durationMs),
        tone: 'off',
      };
    case 'survey.answered':
      return {
        text: m.timeline_survey({ question: fact.data.question, score: fact.data.score }),
        tone: 'off',
      };
    case 'flow.started':
      return { text: m.timeline_flow_started({ flow: fact.data.flow }), tone: 'waiting' };
    case 'flow.passed':
      return {
        text: m.timeline_flow_passed({ node: fact.data.node, exit: exitWords(fact.data.exit) }),
        detail: inputWords(fact.data),
        tone: 'off',
      };
    case 'flow.ended':
      return {
        text: m.timeline_flow_ended({ flow: fact.data.flow }),
        detail: reasonWords(fact.data.reason),
        tone: 'off',
      };
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
    case 'segment.started':
      if (fact.data.agentId === undefined) return { text: m.timeline_connected_outside(), tone: 'talk' };
      return { text: m.timeline_connected({ agent: nameOf(fact.data.agentId) }), tone: 'talk' };
    case 'segment.ended':
      return {
        text:
          fact.data.agentId === undefined
            ? m.timeline_conversation_outside_over({ time: duration(fact.data.talkMs) })
            : m.timeline_conversation_over({
                agent: nameOf(fact.data.agentId),
                time: duration(fact.data.talkMs),
              }),
        detail: fact.data.holdMs > 0 ? m.timeline_held({ time: duration(fact.data.holdMs) }) : '',
        tone: 'off',
      };
    case 'hold.started':
      return {
        text: fact.data.by === 'agent' ? m.timeline_hold_agent() : m.timeline_hold_customer(),
        tone: 'hold',
      };
    case 'hold.ended':
      return { text: m.timeline_resumed(), tone: 'talk' };
    case 'answer.detected':
    case 'message.ready':
      return answerWords(fact);
    case 'digit.received':
      return {
        text:
          fact.data.party === 'customer'
            ? m.timeline_digit({ digit: fact.data.digit })
            : m.timeline_digit_agent({ digit: fact.data.digit }),
        tone: 'off',
      };
    case 'recording.started':
      return { text: m.timeline_recording_started(), tone: 'off' };
    case 'recording.commanded': {
      const person = nameOf(fact.data.byUserId ?? undefined);
      return fact.data.recording
        ? { text: m.timeline_recording_commanded({ person }), tone: 'off' }
        : { text: m.timeline_recording_commanded_end({ person }), tone: 'off' };
    }
    case 'recording.channels':
      return null;
    case 'recording.paused':
      return { text: m.timeline_recording_paused({ reason: fact.data.reason }), tone: 'hold' };
    case 'recording.resumed':
      return { text: m.timeline_recording_resumed({ time: duration(fact.data.pausedMs) }), tone: 'talk' };
    case 'recording.ended':
      return fact.data.result === 'failed'
        ? { text: m.timeline_recording_failed({ reason: reasonWords(fact.data.reason) }), tone: 'bad' }
        : { text: m.timeline_recording_ended({ time: duration(fact.data.durationMs) }), tone: 'off' };
    case 'wrapup.extended':
      return { text: m.timeline_wrapup_extended({ agent: nameOf(fact.data.agentId) }), tone: 'wrap' };
    case 'wrapup.started':
      return { text: m.timeline_wrapup_started({ agent: nameOf(fact.data.agentId) }), tone: 'wrap' };
    case 'wrapup.ended':
      return {
        text: m.timeline_wrapup_ended({ time: duration(fact.data.durationMs) }),
        detail: wrapUpBy[fact.data.by](),
        tone: 'wrap',
      };
    case 'disposition.set':
      return {
        text: m.timeline_disposition({ person: nameOf(fact.data.byUserId), label: fact.data.label }),
        tone: 'wrap',
      };
    case 'note.added':
      return {
        text: m.timeline_note({ person: nameOf(fact.data.byUserId) }),
        detail: fact.data.text,
        tone: 'wrap',
      };
    case 'contact.ended':
      return {
        text: m.timeline_outcome({ outcome: outcomeLabel(fact.data.outcome).text }),
        detail: reasonWords(fact.data.reason),
        tone: outcomeLabel(fact.data.outcome).tone,
      };
    case 'contact.closed':
      return { text: m.timeline_closed(), tone: 'off' };
    case 'repair.made':
      return { text: m.timeline_repaired({ what: fact.data.what }), detail: fact.data.detail, tone: 'bad' };
    case 'transfer.started':
    case 'transfer.failed':
    case 'consult.started':
    case 'consult.swapped':
    case 'consult.ended':
    case 'party.joined':
    case 'party.changed':
    case 'party.left':
    case 'conference.locked':
    case 'conference.joined':
    case 'conference.left':
    case 'conference.refused':
    case 'supervision.started':
    case 'supervision.changed':
    case 'supervision.ended':
      return gatheringWords(fact, nameOf);
  }
}

/** The story of a contact, oldest line first. */
export function timelineLines(
  facts: readonly TimelineFact[],
  names: Readonly<Record<string, string>>,
): TimelineLine[] {
  const nameOf = (id: string | undefined): string =>
    id === undefined ? '' : (names[id] ?? m.name_unknown());
  const lines: TimelineLine[] = [];
  const rooms = conferenceSegments(facts);
  let waited = '';
  for (const fact of facts) {
    if ((fact.type === 'segment.started' || fact.type === 'segment.ended') && rooms.has(fact.data.segment))
      continue;
    const said = words(fact, nameOf);
    if (said) lines.push({ seq: fact.seq, at: fact.at, detail: '', ...said });
    if (fact.type === 'queue.left') waited = m.timeline_waited({ time: duration(fact.data.waitMs) });
    const last = lines.at(-1);
    if (fact.type === 'segment.started' && last) {
      last.detail = waited;
      waited = '';
    }
  }
  return lines;
}

/** Of the time in scheduled conferences, which tell of themselves when somebody comes and goes. */
function conferenceSegments(facts: readonly TimelineFact[]): Set<number> {
  const starts = facts.filter((_fact, index) => facts[index - 1]?.type === 'conference.joined');
  return new Set(starts.flatMap((fact) => (fact.type === 'segment.started' ? [fact.data.segment] : [])));
}

/** What the caller keyed at a node, or said. */
interface Passed {
  input: string;
  reason?: string | undefined;
  spoken?: SpokenAnswer[] | undefined;
}

function inputWords({ input, reason = '', spoken = [] }: Passed): string {
  if (reason !== '') return reasonWords(reason);
  const said = spoken.findLast(({ text }) => text !== '');
  if (said !== undefined && ['accepted', 'confirmed'].includes(said.result)) {
    return m.timeline_flow_said({ text: said.text, percent: Math.round(said.confidence * 100) });
  }
  return input === '' ? '' : m.timeline_flow_keyed({ input });
}
