import type { TimelineFact } from '@crosspoint/contracts';
import type { Tone } from '#lib/components/tone.ts';
import { m } from '#lib/paraglide/messages.js';
import { outcomeLabel } from '#lib/i18n/labels.ts';
import { answerWords } from './answer-words.ts';
import { flowWords } from './flow-words.ts';
import { gatheringWords } from './gathering-words.ts';
import { qualityWords } from './quality.ts';
import { queueWords } from './queue-words.ts';
import { reasonWords } from './reasons.ts';
import { recordingWords } from './recording-words.ts';
import { duration, type NameOf, type Words } from './line-words.ts';

/** One line of the timeline: what happened, in words, and the colour of its dot. */
export interface TimelineLine {
  seq: number;
  at: string;
  text: string;
  detail: string;
  tone: Tone;
}

const wrapUpBy = {
  agent: m.timeline_wrapup_by_agent,
  timer: m.timeline_wrapup_by_timer,
  supervisor: m.timeline_wrapup_by_supervisor,
  system: m.timeline_wrapup_by_system,
} as const;

/** By which trunk a call came, and from where it was passed on. */
function wayOf({ trunk, diversions }: Extract<TimelineFact, { type: 'contact.started' }>['data']): string {
  const parts: string[] = [];
  if (trunk !== undefined) parts.push(m.timeline_by_trunk({ trunk }));
  const numbers = (diversions ?? []).map(({ number }) => number).filter((number) => number !== '');
  if (numbers.length > 0) parts.push(m.timeline_diverted_from({ numbers: numbers.join(', ') }));
  return parts.join(', ');
}

/** Facts that only repeat what another line says are not shown. */
function words(fact: TimelineFact, nameOf: NameOf): Words | null {
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
    case 'routing.decided':
    case 'voicemail.left':
    case 'survey.answered':
    case 'flow.started':
    case 'flow.passed':
    case 'flow.ended':
      return flowWords(fact);
    case 'queue.entered':
    case 'queue.left':
    case 'offer.made':
    case 'offer.ended':
    case 'entry.relaxed':
    case 'entry.aged':
    case 'entry.overridden':
      return queueWords(fact, nameOf);
    case 'recording.started':
    case 'recording.commanded':
    case 'recording.channels':
    case 'recording.paused':
    case 'recording.resumed':
    case 'recording.ended':
      return recordingWords(fact, nameOf);
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
