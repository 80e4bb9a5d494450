import type { FlowRequest } from '@crosspoint/core';
import { CallerRecording } from './caller-recording.ts';
import type { RequestCaller, RequestContext, RequestOutcome, RunningRequest } from './request-door.ts';
import type { CallerNote } from './resumption.ts';

const done: RequestOutcome = { result: 'done', values: {} };
const failed = (reason: string): RequestOutcome => ({ result: 'failed', reason });

/**
 * Does what a flow asks for. `end` is called later, never before this returns.
 *
 * @param note of a recording that a former process had begun for this request, which goes on.
 */
export function beginRequest(
  context: RequestContext,
  caller: RequestCaller,
  request: FlowRequest,
  end: (outcome: RequestOutcome) => void,
  note?: CallerNote,
): RunningRequest {
  switch (request.kind) {
    case 'http':
      return lookUp(context, request, end);
    case 'callback':
      return noteCallback(context, caller, request, end);
    case 'transfer':
      return transfer(context, caller, request, end);
    case 'record':
      return new CallerRecording(context, caller, request, end, note);
    case 'voicemail':
      return leaveMessage(context, caller, request, end, note);
    case 'service':
      return askService(context, caller, request, end);
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

function askService(
  { services }: RequestContext,
  { id: contactId }: RequestCaller,
  { service, values }: Extract<FlowRequest, { kind: 'service' }>,
  end: (outcome: RequestOutcome) => void,
): RunningRequest {
  let isWanted = true;
  const finish = (outcome: RequestOutcome) => isWanted && end(outcome);
  void services({ contactId, service, values }).then(
    (answer) => finish({ result: 'done', values: {}, ...answer }),
    () => finish(failed('service-failed')),
  );
  return {
    cancel: () => {
      isWanted = false;
    },
  };
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
  note: CallerNote | undefined,
): RunningRequest {
  let isWanted = true;
  const recording = new CallerRecording(context, caller, request, () => undefined, note);
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
