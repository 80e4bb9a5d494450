import type { EpochMs } from '@crosspoint/contracts';
import type { Sentence } from '../prompts/index.ts';
import type { Announcer, AnnouncerEffect, AnnouncerInput, AnnouncerSettings, CallerPlace } from './door.ts';
import { type LastSaid, placeSentences } from './sentences.ts';

/** Between the beginnings of an announcement and an offer. */
const apartMinMs = 15_000;
/** Of music after something was said. */
const musicMinMs = 10_000;
const offerAgainMs = 120_000;
const storeMaxMs = 10_000;
const farewellMaxMs = 20_000;
const sayMaxMs = 120_000;

interface Waiting {
  kind: 'waiting';
  settings: AnnouncerSettings;
  enteredAt: EpochMs;
  /** Empty: no callback is offered (any more). */
  callbackNumber: string;
  last: LastSaid;
  comfortTurn: number;
  /** When the last announcement began; null: none yet. */
  saidAt: EpochMs | null;
  /** Nothing is said before. */
  quietUntil: EpochMs;
  /** Until then, at the latest, something is being said; null: music. */
  speakingUntil: EpochMs | null;
  /** The regular announcement, and the offer of a callback. */
  announceAt: EpochMs;
  offerAt: EpochMs;
  isOffered: boolean;
  /** The callback is being stored, until then at the latest. */
  storingUntil: EpochMs | null;
}

type State =
  | { kind: 'idle' }
  | Waiting
  /** The waiting ended while the callback was being stored. */
  | { kind: 'settling'; connected: boolean }
  | { kind: 'farewell'; until: EpochMs }
  | { kind: 'over' };

type Input<Type extends AnnouncerInput['type']> = Extract<AnnouncerInput, { type: Type }>;

/** Makes the machine of one waiting contact; see `door.ts` for its contract and `SPEC.md` for its rules. */
export function createAnnouncer(): Announcer {
  let state: State = { kind: 'idle' };
  let timerAt: EpochMs | null = null;
  return {
    handle(input, now) {
      const effects: AnnouncerEffect[] = [];
      if (input.type === 'timer.due') timerAt = null;
      state = step(state, input, now, effects);
      const at = dueAt(state);
      if (at !== timerAt) effects.push(at === null ? { type: 'timer.cleared' } : { type: 'timer.set', at });
      timerAt = at;
      return effects;
    },
  };
}

function step(state: State, input: AnnouncerInput, now: EpochMs, effects: AnnouncerEffect[]): State {
  if (input.type === 'waiting.began') {
    return state.kind === 'farewell' || state.kind === 'settling' ? state : begin(input, now, effects);
  }
  switch (state.kind) {
    case 'waiting':
      return whileWaiting(state, input, now, effects);
    case 'settling':
      if (input.type !== 'callback.stored') return input.type === 'callback.refused' ? over : state;
      if (state.connected) effects.push({ type: 'callback.withdrawn' });
      return over;
    case 'farewell':
      if (input.type !== 'said' && !(input.type === 'timer.due' && now >= state.until)) return state;
      effects.push({ type: 'farewell.over' });
      return over;
    case 'idle':
    case 'over':
      return state;
  }
}

const over: State = { kind: 'over' };

function begin(input: Input<'waiting.began'>, now: EpochMs, effects: AnnouncerEffect[]): Waiting {
  const { settings, enteredAt, callbackNumber, place } = input;
  const { greeting } = settings.announcements;
  const waiting: Waiting = {
    kind: 'waiting',
    settings,
    enteredAt,
    callbackNumber,
    last: { position: null, minutes: null },
    comfortTurn: 0,
    saidAt: null,
    quietUntil: -Infinity,
    speakingUntil: null,
    announceAt: now + settings.announcements.intervalSeconds * 1000,
    offerAt: enteredAt + settings.callback.afterSeconds * 1000,
    isOffered: false,
    storingUntil: null,
  };
  const sentences = placeSentences(settings.announcements, place, waiting.last);
  if (greeting !== null) sentences.unshift({ kind: 'prompt', name: greeting });
  say(waiting, sentences, now, effects);
  return waiting;
}

function whileWaiting(
  waiting: Waiting,
  input: Exclude<AnnouncerInput, { type: 'waiting.began' }>,
  now: EpochMs,
  effects: AnnouncerEffect[],
): State {
  switch (input.type) {
    case 'settings.changed':
      changeSettings(waiting, input.settings, now);
      return waiting;
    case 'said':
      if (waiting.speakingUntil !== null) fallSilent(waiting, now, effects);
      return waiting;
    case 'digit':
      if (!isOfferable(waiting) || !waiting.isOffered || waiting.storingUntil !== null) return waiting;
      if (input.digit !== waiting.settings.callback.key) return waiting;
      waiting.storingUntil = now + storeMaxMs;
      effects.push({ type: 'callback.requested', number: waiting.callbackNumber });
      return waiting;
    case 'timer.due':
      onTimer(waiting, input.place, now, effects);
      return waiting;
    case 'callback.stored':
      if (waiting.storingUntil === null) {
        // It came too late to be believed in: the caller waits, and is not called back as well.
        effects.push({ type: 'callback.withdrawn' });
        return waiting;
      }
      effects.push({ type: 'callback.accepted' });
      effects.push({ type: 'say', sentences: [{ kind: 'callback-noted', number: waiting.callbackNumber }] });
      return { kind: 'farewell', until: now + farewellMaxMs };
    case 'callback.refused':
      giveUpCallback(waiting);
      return waiting;
    case 'waiting.ended':
      return waiting.storingUntil === null ? over : { kind: 'settling', connected: input.connected };
  }
}

function fallSilent(waiting: Waiting, now: EpochMs, effects: AnnouncerEffect[]): void {
  waiting.speakingUntil = null;
  waiting.quietUntil = Math.max(waiting.quietUntil, now + musicMinMs);
  effects.push({ type: 'music' });
}

function giveUpCallback(waiting: Waiting): void {
  waiting.storingUntil = null;
  waiting.callbackNumber = '';
}

function changeSettings(waiting: Waiting, settings: AnnouncerSettings, now: EpochMs): void {
  const { intervalSeconds } = settings.announcements;
  waiting.settings = settings;
  waiting.announceAt = Math.max(now, (waiting.saidAt ?? now) + intervalSeconds * 1000);
  if (!waiting.isOffered) waiting.offerAt = waiting.enteredAt + settings.callback.afterSeconds * 1000;
}

function onTimer(
  waiting: Waiting,
  place: CallerPlace | null,
  now: EpochMs,
  effects: AnnouncerEffect[],
): void {
  if (waiting.storingUntil !== null && now >= waiting.storingUntil) giveUpCallback(waiting);
  if (waiting.speakingUntil !== null) {
    if (now < waiting.speakingUntil) return;
    fallSilent(waiting, now, effects);
  }
  if (waiting.storingUntil !== null || now < nextSayAt(waiting)) return;
  const sentences: Sentence[] = [];
  const { announcements, callback } = waiting.settings;
  if (now >= waiting.announceAt) {
    waiting.announceAt = now + announcements.intervalSeconds * 1000;
    sentences.push(...placeSentences(announcements, place, waiting.last), ...comfort(waiting));
  }
  if (isOfferable(waiting) && now >= waiting.offerAt) {
    waiting.isOffered = true;
    waiting.offerAt = now + offerAgainMs;
    sentences.push({ kind: 'callback-offer', key: callback.key });
  }
  say(waiting, sentences, now, effects);
}

function comfort(waiting: Waiting): Sentence[] {
  const { comfort: names } = waiting.settings.announcements;
  const name = names[waiting.comfortTurn % Math.max(1, names.length)];
  waiting.comfortTurn += 1;
  return name === undefined ? [] : [{ kind: 'prompt', name }];
}

function say(waiting: Waiting, sentences: Sentence[], now: EpochMs, effects: AnnouncerEffect[]): void {
  if (sentences.length === 0) return;
  waiting.saidAt = now;
  waiting.quietUntil = now + apartMinMs;
  waiting.speakingUntil = now + sayMaxMs;
  effects.push({ type: 'say', sentences });
}

function isOfferable({ settings, callbackNumber }: Waiting): boolean {
  return settings.callback.offered && callbackNumber !== '';
}

/** When something may be said next; Infinity when there is nothing. */
function nextSayAt(waiting: Waiting): EpochMs {
  const { position, estimatedWait, comfort: names } = waiting.settings.announcements;
  const announces = position !== 'off' || estimatedWait || names.length > 0;
  const offerAt = isOfferable(waiting) ? waiting.offerAt : Infinity;
  return Math.max(waiting.quietUntil, Math.min(announces ? waiting.announceAt : Infinity, offerAt));
}

function dueAt(state: State): EpochMs | null {
  if (state.kind === 'farewell') return state.until;
  if (state.kind !== 'waiting') return null;
  const at = state.storingUntil ?? state.speakingUntil ?? nextSayAt(state);
  return at === Infinity ? null : at;
}
