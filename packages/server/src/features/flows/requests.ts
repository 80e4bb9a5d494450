import type { ContactFact, ContactId, FlowTransferTarget, LegId, RecordingId } from '@crosspoint/contracts';
import type { ContactInput, FlowRequest, FlowValue } from '@crosspoint/core';
import { CallerRecording } from './caller-recording.ts';
import type { HttpLookup } from './lookup.ts';

/** Who is in the flow, and on which leg. */
export interface RequestCaller {
  readonly id: ContactId;
  readonly legId: LegId;
  readonly callerName: string;
}

export interface RequestContext {
  lookup: HttpLookup;
  newId: () => string;
  tell: (contactId: ContactId, input: ContactInput) => void;
  /** Calls them for the caller; the reason when that cannot be tried. */
  transfer: (contactId: ContactId, to: FlowTransferTarget, ringMs: number) => string | undefined;
  /** Notes a callback; the reason when it is not taken. */
  callback: (caller: RequestCaller, queue: string, number: string) => Promise<string | undefined>;
  /** What is recorded becomes a message of that box, also when the caller hangs up meanwhile; the reason when it does not. */
  message: (
    recordingId: RecordingId,
    message: { box: string; contactId: ContactId; hasWords: (durationMs: number) => boolean },
  ) => Promise<string | undefined>;
  /** The tone after which one speaks; `played` with the name follows. */
  tone: (legId: LegId, name: string) => void;
  /** Reports when the caller begins and ceases to speak. False: the codec of this leg is not understood. */
  listen: (contactId: ContactId, legId: LegId) => boolean;
  ignore: (legId: LegId) => void;
}

export type RequestOutcome =
  | { result: 'done'; values: Readonly<Record<string, FlowValue>> }
  | { result: 'failed'; reason: string };

/** Something that a flow waits for. After `done` was called once nothing more comes of it. */
export interface RunningRequest {
  /** A key was pressed: what is recorded is complete. */
  stop?: () => void;
  /** The flow is over: nobody waits for it any more. */
  cancel: () => void;
  played?: (name: string | null) => void;
  speech?: (isSpeaking: boolean) => void;
  fact?: (fact: ContactFact) => void;
  /** Nobody came to whom the caller was sent. */
  unconnected?: (reason: string) => void;
}

const done: RequestOutcome = { result: 'done', values: {} };
const failed = (reason: string): RequestOutcome => ({ result: 'failed', reason });

/** Does what a flow asks for. `end` is called later, never before this returns. */
export function beginRequest(
  context: RequestContext,
  caller: RequestCaller,
  request: FlowRequest,
  end: (outcome: RequestOutcome) => void,
): RunningRequest {
  switch (request.kind) {
    case 'http':
      return lookUp(context, request, end);
    case 'callback':
      return noteCallback(context, caller, request, end);
    case 'transfer':
      return transfer(context, caller, request, end);
    case 'record':
      return new CallerRecording(context, caller, request, end);
    case 'voicemail':
      return leaveMessage(context, caller, request, end);
  }
}

function lookUp(
  { lookup }: RequestContext,
  request: Extract<FlowRequest, { kind: 'http' }>,
  end: (outcome: RequestOutcome) => void,
): RunningRequest {
  const aborted = new AbortController();
  void lookup.ask(request, aborted.signal).then((result) => {
    if (!aborted.signal.aborted) end(result);
  });
  return { cancel: () => aborted.abort() };
}

function noteCallback(
  { callback }: RequestContext,
  caller: RequestCaller,
  { queue, number }: Extract<FlowRequest, { kind: 'callback' }>,
  end: (outcome: RequestOutcome) => void,
): RunningRequest {
  let isWanted = true;
  void callback(caller, queue, number).then((refusal) => {
    if (isWanted) end(refusal === undefined ? done : failed(refusal));
  });
  return {
    cancel: () => {
      isWanted = false;
    },
  };
}

/** The recording ends as it does by itself; what is awaited is that the message is stored. */
function leaveMessage(
  context: RequestContext,
  caller: RequestCaller,
  request: Extract<FlowRequest, { kind: 'voicemail' }>,
  end: (outcome: RequestOutcome) => void,
): RunningRequest {
  let isWanted = true;
  const recording = new CallerRecording(context, caller, request, () => undefined);
  const hasWords = (durationMs: number) => recording.hasWords(durationMs);
  const message = { box: request.box, contactId: caller.id, hasWords };
  void context.message(recording.recordingId, message).then((failure) => {
    if (isWanted) end(failure === undefined ? done : failed(failure));
  });
  return {
    stop: () => recording.stop(),
    cancel: () => {
      isWanted = false;
      recording.cancel();
    },
    played: (name) => recording.played(name),
    speech: (isSpeaking) => recording.speech(isSpeaking),
    fact: (fact) => recording.fact(fact),
  };
}

function transfer(
  context: RequestContext,
  { id }: RequestCaller,
  { to, ringMs }: Extract<FlowRequest, { kind: 'transfer' }>,
  end: (outcome: RequestOutcome) => void,
): RunningRequest {
  const refusal = context.transfer(id, to, ringMs);
  if (refusal !== undefined) setImmediate(() => end(failed(refusal)));
  return {
    cancel: () => undefined,
    unconnected: (reason) => end(failed(reason)),
    fact: ({ type }) => {
      if (type === 'segment.started') end(done);
    },
  };
}
