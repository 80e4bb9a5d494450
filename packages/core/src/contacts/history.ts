import type {
  AgentId,
  ChosenBy,
  ContactFact,
  ContactFactOf,
  ContactId,
  ContactOutcome,
  EntryId,
  EpochMs,
  LegId,
  PromptLanguage,
  QueueId,
  RecordingId,
} from '@crosspoint/contracts';

/** One stretch of a contact: a stay in a queue, or a conversation with one agent. Instants are epoch milliseconds. */
export interface HistorySegment {
  /** Counts from 1 over both kinds, in the order in which they began. */
  number: number;
  kind: 'queue' | 'conversation';
  queueId: QueueId | null;
  /** Of a queue stay: who answered it. */
  agentId: AgentId | null;
  startedAt: EpochMs;
  endedAt: EpochMs | null;
  /** Of a queue stay: answered, abandoned, overflowed or callback. Of a conversation: why it ended. */
  result: string | null;
  reason: string | null;
  /** Null where the kind has none, and while it is not known yet. */
  waitMs: number | null;
  talkMs: number | null;
  holdMs: number | null;
  wrapUpMs: number | null;
  /** In the order in which they began: one that was ended by command may be followed by another. */
  recordingIds: RecordingId[];
  /** Of a queue stay, where it is known: the caller's language, and what chose the agent (RTE-08). */
  language?: PromptLanguage;
  by?: ChosenBy;
}

/**
 * A contact as its facts tell it: what the list, the detail and the projection row show. It is never kept as truth of its own:
 * `contactHistory(facts)` gives the same result at any time.
 */
export interface ContactHistory {
  id: ContactId;
  direction: 'inbound' | 'outbound';
  number: string;
  callerPhone: string;
  callerName: string;
  carrier: string;
  state: 'arriving' | 'dialling' | 'waiting' | 'offered' | 'connected' | 'wrap-up' | 'ended' | 'closed';
  /** The queue it entered last, and the agent who talked last. */
  queueId: QueueId | null;
  agentId: AgentId | null;
  outcome: ContactOutcome | null;
  reason: string | null;
  startedAt: EpochMs;
  queuedAt: EpochMs | null;
  answeredAt: EpochMs | null;
  endedAt: EpochMs | null;
  closedAt: EpochMs | null;
  /** Sums over all segments; what still runs is not in them. */
  waitMs: number;
  talkMs: number;
  holdMs: number;
  wrapUpMs: number;
  segments: HistorySegment[];
  recordingIds: RecordingId[];
  /** Legs added and not ended yet. */
  openLegIds: LegId[];
  /** The `seq` of the last fact in it. */
  lastSeq: number;
}

/**
 * Facts of one contact, oldest first, from its first one on. Undefined for an empty list and for facts that do not begin with
 * `contact.started`.
 */
export function contactHistory(facts: Iterable<ContactFact>): ContactHistory | undefined {
  const reducer = createContactReducer();
  for (const fact of facts) reducer.apply(fact);
  return reducer.history();
}

export interface ContactReducer {
  /** Facts that were applied before, by their `seq`, have no effect. */
  apply(fact: ContactFact): void;
  /** The living object, which further facts change; undefined before `contact.started`. */
  history(): ContactHistory | undefined;
}

export function createContactReducer(): ContactReducer {
  const state: ReducerState = { history: undefined, stays: new Map(), talks: new Map(), wrapUps: 0 };
  return {
    apply(fact) {
      if (fact.type === 'contact.started' && state.history === undefined) {
        state.history = begin(fact);
        return;
      }
      const { history } = state;
      if (history === undefined || fact.seq <= history.lastSeq) return;
      history.lastSeq = fact.seq;
      reduce(state, history, fact);
    },
    history: () => state.history,
  };
}

interface ReducerState {
  history: ContactHistory | undefined;
  stays: Map<EntryId, HistorySegment>;
  /** Conversations by the number of their fact. */
  talks: Map<number, HistorySegment>;
  /** Wrap-ups that run. */
  wrapUps: number;
}

function begin({ contactId, seq, at, data }: ContactFactOf<'contact.started'>): ContactHistory {
  const { direction, number, callerPhone, callerName, carrier } = data;
  return {
    id: contactId,
    direction,
    number,
    callerPhone,
    callerName,
    carrier,
    state: direction === 'outbound' ? 'dialling' : 'arriving',
    queueId: null,
    agentId: null,
    outcome: null,
    reason: null,
    startedAt: at,
    queuedAt: null,
    answeredAt: null,
    endedAt: null,
    closedAt: null,
    waitMs: 0,
    talkMs: 0,
    holdMs: 0,
    wrapUpMs: 0,
    segments: [],
    recordingIds: [],
    openLegIds: [],
    lastSeq: seq,
  };
}

function reduce(state: ReducerState, history: ContactHistory, fact: ContactFact): void {
  switch (fact.type) {
    case 'leg.added':
      history.openLegIds.push(fact.data.legId);
      return;
    case 'leg.ended':
      history.openLegIds = history.openLegIds.filter((legId) => legId !== fact.data.legId);
      return;
    case 'queue.entered':
    case 'queue.left':
    case 'offer.made':
    case 'offer.ended':
      return reduceQueue(state, history, fact);
    case 'segment.started':
    case 'segment.ended':
    case 'recording.started':
      return reduceTalk(state, history, fact);
    case 'wrapup.started':
    case 'wrapup.ended':
      return reduceWrapUp(state, history, fact);
    case 'contact.deflected':
      history.queueId ??= fact.data.queueId ?? null;
      return;
    case 'contact.ended':
      Object.assign(history, { outcome: fact.data.outcome, reason: fact.data.reason, endedAt: fact.at });
      history.state = state.wrapUps > 0 ? 'wrap-up' : 'ended';
      return;
    case 'contact.closed':
      history.closedAt = fact.at;
      history.state = 'closed';
      return;
    default:
      return;
  }
}

type QueueFact = ContactFactOf<'queue.entered' | 'queue.left' | 'offer.made' | 'offer.ended'>;

function reduceQueue(state: ReducerState, history: ContactHistory, fact: QueueFact): void {
  if (fact.type === 'queue.entered') {
    history.queuedAt ??= fact.at;
    history.queueId = fact.data.queueId;
    history.state = 'waiting';
    const { entryId, queueId, language } = fact.data;
    const stay = addSegment(history, 'queue', queueId, null, fact.at);
    if (language !== undefined) stay.language = language;
    state.stays.set(entryId, stay);
  } else if (fact.type === 'queue.left') {
    const { entryId, result, reason, waitMs, agentId } = fact.data;
    const stay = state.stays.get(entryId);
    if (stay === undefined) return;
    state.stays.delete(entryId);
    Object.assign(stay, { endedAt: fact.at, result, reason, waitMs, agentId: agentId ?? null });
    history.waitMs += waitMs;
  } else if (state.stays.size > 0 && history.outcome === null) {
    if (fact.type === 'offer.made') noteChoice(state.stays.get(fact.data.entryId), fact.data.by);
    history.state = fact.type === 'offer.made' ? 'offered' : 'waiting';
  }
}

/** Once on a side of the comparison, a stay remains there, whoever takes it in the end. */
function noteChoice(stay: HistorySegment | undefined, by: ChosenBy | undefined): void {
  if (stay === undefined || by === undefined) return;
  if (stay.by === undefined || stay.by === 'standard') stay.by = by;
}

type TalkFact = ContactFactOf<'segment.started' | 'segment.ended' | 'recording.started'>;

function reduceTalk(state: ReducerState, history: ContactHistory, fact: TalkFact): void {
  if (fact.type === 'segment.started') {
    const { segment, agentId = null, queueId } = fact.data;
    history.agentId = agentId ?? history.agentId;
    history.answeredAt ??= fact.at;
    history.state = 'connected';
    state.talks.set(segment, addSegment(history, 'conversation', queueId ?? null, agentId, fact.at));
    return;
  }
  const talk = state.talks.get(fact.data.segment);
  if (talk === undefined) return;
  if (fact.type === 'recording.started') {
    history.recordingIds.push(fact.data.recordingId);
    talk.recordingIds.push(fact.data.recordingId);
    return;
  }
  const { talkMs, holdMs, reason } = fact.data;
  Object.assign(talk, { endedAt: fact.at, result: reason, reason, talkMs, holdMs });
  history.talkMs += talkMs;
  history.holdMs += holdMs;
}

function reduceWrapUp(
  state: ReducerState,
  history: ContactHistory,
  fact: ContactFactOf<'wrapup.started' | 'wrapup.ended'>,
): void {
  if (fact.type === 'wrapup.started') {
    state.wrapUps += 1;
    if (history.outcome !== null) history.state = 'wrap-up';
    return;
  }
  const { agentId, durationMs } = fact.data;
  state.wrapUps -= 1;
  history.wrapUpMs += durationMs;
  const last = history.segments.findLast((each) => each.kind === 'conversation' && each.agentId === agentId);
  if (last !== undefined) last.wrapUpMs = durationMs;
  if (state.wrapUps === 0 && history.state === 'wrap-up') history.state = 'ended';
}

function addSegment(
  history: ContactHistory,
  kind: HistorySegment['kind'],
  queueId: QueueId | null,
  agentId: AgentId | null,
  startedAt: EpochMs,
): HistorySegment {
  const segment: HistorySegment = {
    number: history.segments.length + 1,
    kind,
    queueId,
    agentId,
    startedAt,
    endedAt: null,
    result: null,
    reason: null,
    waitMs: null,
    talkMs: null,
    holdMs: null,
    wrapUpMs: null,
    recordingIds: [],
  };
  history.segments.push(segment);
  return segment;
}
