import type { ContactId, LegId, RecordingFormat } from '@crosspoint/contracts';
import type { SocketRequest, SoundCodec } from '../../carriers/door.ts';
import type { MediaClient, PlaySource } from '../../media/index.ts';

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
}

export interface PlacedRecording {
  client: MediaClient;
  /** The run of the media process that writes it. */
  run: string | undefined;
  customer: LegId;
  agent: LegId;
  file: { path: string; format: RecordingFormat };
  /** By `performance.now()`. */
  startedAtMs: number;
  /** Settles when the media process has begun, or refused. */
  begun: Promise<unknown>;
  isStopping: boolean;
}

/** Where the legs of one contact are. */
export interface Home {
  client: MediaClient;
  legs: number;
  /** Of the first leg whose sound was agreed. */
  codec: SoundCodec | undefined;
}
