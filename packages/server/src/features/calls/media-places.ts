import type { ContactFactBody, ContactId, LegId, RecordingFormat, RecordingId } from '@crosspoint/contracts';
import type { LegSilence, SocketRequest, SoundCodec, SoundSocket } from '../../carriers/door.ts';
import type { MediaClient, PlaySource, RecordingSummary } from '../../media/index.ts';
import type { Heard } from './media-rooms.ts';

type Said<Type extends ContactFactBody['type']> = Extract<ContactFactBody, { type: Type }>['data'];
export type AnswerVerdict = Omit<Said<'answer.detected'>, 'legId'>;
export type MessageMoment = Omit<Said<'message.ready'>, 'legId'>;

/** What the media processes report, in the words of this feature. */
export interface MediaPlaneEvents {
  digit(legId: LegId, digit: string): void;
  /** What was played to that leg under a name of its own is over; null: something could not be played. */
  played(legId: LegId, name: string | null): void;
  /** The caller has begun to speak, or ceased; only while somebody listens for it. */
  speech(legId: LegId, isSpeaking: boolean): void;
  /** What a leg says, linear at 8,000 Hz; only while somebody hears it. */
  sound(legId: LegId, samples: Int16Array): void;
  /** Who answered a call of ours; only after `detectAnswer`. */
  answerDetected(legId: LegId, verdict: AnswerVerdict): void;
  /** The greeting of the machine that answered is over. */
  messageReady(legId: LegId, ready: MessageMoment): void;
  /** No sound for some seconds from a leg that should send. */
  silent(legId: LegId, silence: LegSilence): void;
  /** Neither packets nor reports for a minute, and again after each further one. */
  soundLost(legId: LegId, silence: LegSilence): void;
  /** Its WebRTC connection has failed. */
  transportFailed(legId: LegId, reason: string): void;
  /** How well a leg is heard: the first figure, or one that differs noticeably. */
  qualityChanged(legId: LegId): void;
  recordingEnded(recordingId: RecordingId, summary: RecordingSummary, complete: boolean): void;
  recordingTrouble(recordingId: RecordingId, detail: string): void;
  /** The media process of that leg died; its sound goes through this socket of another one now. */
  moved(legId: LegId, socket: SoundSocket): void;
  /** A media process died, and these legs could not be brought elsewhere. */
  lost(legIds: LegId[]): void;
  /** A leg has a socket now, or another one. */
  placed(place: MediaPlace): void;
  fault(what: string, detail: string): void;
}

/** Where a leg is, as plain JSON data, so that another control process finds it. */
export interface MediaPlace {
  legId: LegId;
  contactId: ContactId;
  mediaId: string;
  /** The number of its media process, and the run of it. */
  process: number;
  run: string;
  request: SocketRequest;
}

export interface PlacedLeg {
  legId: LegId;
  contactId: ContactId;
  client: MediaClient;
  /** The run of the media process in which its socket was opened; undefined until then. */
  run: string | undefined;
  request: SocketRequest;
  /** The leg's name in its media process; empty while its socket is being opened. */
  mediaId: string;
  /** With whom it talks, and what is played to it. */
  bridgedWith: LegId | undefined;
  playing: { source: PlaySource; options: { loop: boolean } } | undefined;
  /** Its place in a room. */
  seat: { conferenceId: string; supervision: Seat } | undefined;
  isMuted: boolean;
  /** Some process has had sound of it. */
  wasHeard?: boolean;
}

/** How a supervisor takes part in a room; null: as everybody does. */
export type Seat = { mode: 'listen' | 'whisper' | 'barge'; legId: LegId } | null;

export interface PlacedRecording {
  client: MediaClient;
  /** The run of the media process that writes it, or of that which had the customer's leg last. */
  run: string;
  customer: LegId;
  /** Whom the right channel hears. */
  right: Heard;
  file: { path: string; format: RecordingFormat };
  /** By `performance.now()`. */
  startedAtMs: number;
  /** Settles when the media process has begun, or refused. */
  begun: Promise<unknown>;
  isStopping: boolean;
  /** It goes on though a former process had it stopped: that end may be told still, by an event up to this one. */
  formerEndsUntil?: number | undefined;
}

/** Where the legs of one contact are. */
export interface Home {
  client: MediaClient;
  legs: number;
  /** Of the first leg whose sound was agreed. */
  codec: SoundCodec | undefined;
}

/** What nobody listens for at this very moment may wait for company, a wake-up of the other process being dear. */
export const patient = { patienceMs: 8 };
/** What nobody hears at all waits longer: that a leg is gone which has been hung up. */
export const unheard = { patienceMs: 50 };
