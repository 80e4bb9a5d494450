import type { ContactId, EpochMs, FlowTransferTarget } from '@crosspoint/contracts';
import { type CallbackService, newCallback } from '../callbacks/index.ts';
import type { PlaySource } from '../../media/index.ts';
import { type FlowNotes, FlowRunner, type HttpLookup, type RequestCaller } from '../flows/index.ts';
import type { Services } from '../telephone/index.ts';
import type { PromptLibrary } from '../prompts/index.ts';
import { LegEar, type Recogniser } from '../recognition/index.ts';
import type { MessageKeeper } from '../voicemails/index.ts';
import type { Speech } from '../speech/index.ts';
import { agentNamed, type ConfiguredQueue } from './configuration.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { MediaPlane } from './media-plane.ts';
import type { CentreState } from './state.ts';

export interface CentreFlowsContext {
  state: CentreState;
  dispatcher: Dispatcher;
  media: MediaPlane;
  prompts: PromptLibrary;
  speech: Speech;
  recogniser: Recogniser;
  lookup: HttpLookup;
  /** Of the menus by telephone. */
  services: Services;
  callbacks: () => CallbackService;
  messages: () => MessageKeeper;
  notes: FlowNotes;
  routeRefusal: (number: string) => { code: number; reason: string } | undefined;
  /** Calls them for the caller; the reason when that cannot be tried. */
  transfer: (contactId: ContactId, to: FlowTransferTarget, ringMs: number) => string | undefined;
  now: () => number;
  newId: () => string;
}

/** The tone after which a caller speaks: 1,000 Hz for 0.4 s. */
const recordTone: PlaySource = { kind: 'tone', frequenciesHz: [1_000], onMs: 400, offMs: 60 };

/** The flows of a centre, joined to its machines and the media plane. */
export function createFlowRunner(context: CentreFlowsContext): FlowRunner {
  const { state, dispatcher, media, prompts, speech, lookup, transfer, messages, services, now, newId } =
    context;
  return new FlowRunner({
    ...{ now, newId, speech, lookup, transfer, services, library: prompts, notes: context.notes },
    flows: () => state.configuration.flows,
    hours: (calendar) => state.configuration.calendars.get(calendar),
    segmentsOf: state.segmentsOf,
    queueNamed: (name) => {
      const queue = queueNamed(state, name);
      return queue && { id: queue.id, record: queue.settings.recording === 'always' };
    },
    agentNamed: (username) => agentNamed(state.configuration, username),
    say: (legId, paths, sayName) => media.play(legId, { kind: 'sequence', paths }, { loop: false }, sayName),
    tone: (legId, name) => media.play(legId, recordTone, { loop: false }, name),
    hush: (legId) => media.stopPlaying(legId),
    listen: (contactId, legId) => {
      const codec = media.codecOf(contactId);
      const isUnderstood = codec === 'PCMU' || codec === 'PCMA';
      if (isUnderstood) media.listen(legId);
      return isUnderstood;
    },
    ignore: (legId) => media.ignore(legId),
    openEar: (legId, hearing, events) => {
      const refusal = context.recogniser.refusal(hearing);
      if (refusal !== undefined) return refusal;
      media.hear(legId, hearing.silenceMs, () => events.failed('not-heard'));
      return new LegEar(context.recogniser, hearing, events);
    },
    message: (recordingId, message) => messages().expect(recordingId, message),
    callback: (caller, queue, number) => noteCallback(context, caller, queue, number),
    tell: (contactId, input) => dispatcher.toContact(contactId, input),
  });
}

function queueNamed(state: CentreState, name: string): ConfiguredQueue | undefined {
  return [...state.configuration.queues.values()].find(({ settings }) => settings.name === name);
}

/** Who was in a queue before the flow keeps the place for the callback. */
function waitingSince({ contacts }: CentreState, contactId: ContactId): EpochMs | undefined {
  const entered = contacts.get(contactId)?.facts.find(({ type }) => type === 'queue.entered');
  return entered?.type === 'queue.entered' ? entered.at - (entered.data.agedMs ?? 0) : undefined;
}

async function noteCallback(
  { state, callbacks, routeRefusal, now }: CentreFlowsContext,
  { id, callerName }: RequestCaller,
  queueName: string,
  written: string,
): Promise<string | undefined> {
  const queue = queueNamed(state, queueName);
  const number = written.replace(/[\s().-]/g, '');
  if (queue === undefined) return 'unknown-queue';
  if (!/^\+?\d{2,32}$/.test(number)) return 'no-number';
  if (routeRefusal(number) !== undefined) return 'no-route';
  const of = { queueId: queue.id, number, callerName, note: '' };
  const agedSince = waitingSince(state, id) ?? now();
  const result = await callbacks().request(newCallback(of, queue.settings.callback, id), agedSince);
  return result.ok ? undefined : result.reason;
}
