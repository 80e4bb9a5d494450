import type { TimelineFact } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';
import { reasonWords } from './reasons.ts';
import { duration, type NameOf, type Words } from './line-words.ts';

export type GatheringFact = Extract<
  TimelineFact,
  {
    type:
      | `transfer.${string}`
      | `consult.${string}`
      | `party.${string}`
      | `conference.${string}`
      | `supervision.${string}`;
  }
>;

const supervises = {
  listen: m.timeline_supervision_listen,
  whisper: m.timeline_supervision_whisper,
  barge: m.timeline_supervision_barge,
} as const;
const next = {
  queue: m.timeline_transfer_next_queue,
  agent: m.timeline_transfer_next_agent,
  flow: m.timeline_transfer_next_flow,
  nobody: m.timeline_transfer_next_nobody,
} as const;

type Target = { queueId?: string | undefined; agentId?: string | undefined; number?: string | undefined };
const targetOf = ({ queueId, agentId, number }: Target, nameOf: NameOf): string =>
  number ?? nameOf(agentId ?? queueId);

/** Transfers, consultations, conferences and supervision as lines of the timeline. */
export function gatheringWords(fact: GatheringFact, nameOf: NameOf): Words | null {
  switch (fact.type) {
    case 'transfer.started': {
      const names = { agent: nameOf(fact.data.byAgentId), target: targetOf(fact.data, nameOf) };
      return { text: m.timeline_transfer_started(names), tone: 'waiting' };
    }
    case 'transfer.failed':
      return {
        text: m.timeline_transfer_failed(),
        detail: `${reasonWords(fact.data.reason)}, ${next[fact.data.next]()}`,
        tone: 'bad',
      };
    case 'consult.started': {
      const names = { agent: nameOf(fact.data.byAgentId), target: targetOf(fact.data, nameOf) };
      return { text: m.timeline_consult_started(names), tone: 'hold' };
    }
    case 'consult.swapped':
      return fact.data.with === 'customer'
        ? { text: m.timeline_consult_customer(), tone: 'talk' }
        : { text: m.timeline_consult_consulted(), tone: 'hold' };
    case 'consult.ended':
      return { text: m.timeline_consult_ended({ time: duration(fact.data.talkMs) }), tone: 'talk' };
    case 'party.joined':
      return { text: m.timeline_party_joined({ target: targetOf(fact.data, nameOf) }), tone: 'talk' };
    case 'party.changed':
      if (fact.data.held) return { text: m.timeline_party_held(), tone: 'hold' };
      return { text: fact.data.muted ? m.timeline_party_muted() : m.timeline_party_back(), tone: 'talk' };
    case 'party.left':
      return { text: m.timeline_party_left({ time: duration(fact.data.presentMs) }), tone: 'off' };
    case 'conference.locked':
      return {
        text: fact.data.locked ? m.timeline_conference_locked() : m.timeline_conference_unlocked(),
        tone: 'off',
      };
    case 'conference.joined':
      return joinedWords(fact.data);
    case 'conference.left': {
      const { conference, reason, presentMs } = fact.data;
      const detail = [reasonWords(reason), duration(presentMs)].join(', ');
      return { text: m.timeline_conference_left({ conference }), detail, tone: 'off' };
    }
    case 'conference.refused':
      return { text: m.timeline_conference_refused(), detail: reasonWords(fact.data.reason), tone: 'bad' };
    case 'supervision.started':
    case 'supervision.changed':
      return {
        text: supervises[fact.data.mode]({ supervisor: nameOf(fact.data.userId) }),
        tone: 'waiting',
      };
    case 'supervision.ended': {
      const { userId, presentMs } = fact.data;
      const names = { supervisor: nameOf(userId), time: duration(presentMs) };
      return { text: m.timeline_supervision_ended(names), tone: 'off' };
    }
  }
}

function joinedWords({
  conference,
  role,
  state,
}: Extract<GatheringFact, { type: 'conference.joined' }>['data']): Words {
  if (state === 'waiting') return { text: m.timeline_conference_waits({ conference }), tone: 'waiting' };
  const text =
    role === 'moderator'
      ? m.timeline_conference_moderates({ conference })
      : m.timeline_conference_joined({ conference });
  return { text, tone: 'talk' };
}
