import type { ContactFact, ContactId, FlowTransferTarget, LegId, RecordingId } from '@crosspoint/contracts';
import type { ContactInput, FlowValue, Utterance } from '@crosspoint/core';
import type { Services } from '../telephone/index.ts';
import type { HttpLookup } from './lookup.ts';
import type { FlowNotes } from './resumption.ts';

/** Who is in the flow, and on which leg. */
export interface RequestCaller {
  readonly id: ContactId;
  readonly legId: LegId;
  readonly callerName: string;
}

export interface RequestContext {
  lookup: HttpLookup;
  newId: () => string;
  now: () => number;
  /** Keeps what another process needs to go on, before anything comes of it. */
  notes: FlowNotes;
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
  /** What documents of the product ask of features. */
  services: Services;
}

export type RequestOutcome =
  /** `way` and `says`: of a service. */
  | {
      result: 'done';
      values: Readonly<Record<string, FlowValue>>;
      way?: string;
      says?: readonly Utterance[];
    }
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
