import type { ContactId, LegId, RecordingFormat, RecordingId } from '@crosspoint/contracts';
import type { MediaClient, MediaMethod, MediaParams } from '../../media/index.ts';
import { isAway, isLate } from './media-moves.ts';
import type { MediaPlaneEvents, PlacedLeg, PlacedRecording } from './media-places.ts';
import { type Heard, heardAs } from './media-rooms.ts';
import type { StandingOrders } from './standing-orders.ts';

export interface MediaRecordingsContext {
  legs: ReadonlyMap<LegId, PlacedLeg>;
  /** Shared with whatever brings them to another process. */
  recordings: Map<RecordingId, PlacedRecording>;
  orders: Pick<StandingOrders, 'note' | 'recordingEnded'>;
  events: Pick<MediaPlaneEvents, 'recordingTrouble' | 'recordingEnded'>;
  /** Says it, and keeps it for a process that may have to take over. */
  say: <M extends MediaMethod>(client: MediaClient, method: M, params: MediaParams<M>) => void;
  /** Whether orders of a former control process are only noted, since its media processes have them already. */
  isRecalling: () => boolean;
  /** The process did not stop it. */
  notStopped: (recordingId: RecordingId, error: Error) => void;
}

/** What is being recorded: begun, listened to by turns, paused and stopped, whichever media process writes it. */
export class MediaRecordings {
  readonly #context: MediaRecordingsContext;

  constructor(context: MediaRecordingsContext) {
    this.#context = context;
  }

  /** Subscribes to a media process; call once for each client. */
  attach(client: MediaClient): void {
    const { recordings, orders, events } = this.#context;
    client.on('recording-failed', (event) =>
      events.recordingTrouble(event.recordingId as RecordingId, `${event.code}: ${event.message}`),
    );
    client.on('recording-closed', (event) => {
      const recordingId = event.recordingId as RecordingId;
      if (event.sequence <= (recordings.get(recordingId)?.formerEndsUntil ?? -1)) return;
      if (!recordings.delete(recordingId)) return;
      orders.recordingEnded(recordingId);
      events.recordingEnded(recordingId, event, event.complete);
    });
  }

  /** Starts a stereo file: the customer on the left, the agent on the right. */
  start(
    recordingId: RecordingId,
    file: { path: string; format: RecordingFormat },
    customer: LegId,
    agent: LegId | null,
  ): void {
    const { legs, recordings, orders, events } = this.#context;
    const placed = legs.get(customer);
    if (placed === undefined) return events.recordingTrouble(recordingId, 'the customer leg is gone');
    const { client, run = '' } = placed;
    const right = agent === null ? null : this.#mediaId(agent);
    const start = { recordingId, ...file, left: this.#mediaId(customer), right };
    orders.note(client, 'recording.start', start);
    // A leg on its way to another process is recorded from there.
    const isThere = run === client.hello?.instanceId;
    const begun = (isThere ? client.startRecording(start) : Promise.resolve()).catch((error: Error) => {
      // It goes on in another process, or is begun yet.
      if (!isAway(error) && !isLate(error)) this.#failed(recordingId, error);
    });
    const startedAtMs = performance.now();
    const recording = { client, run, customer, right: agent, file, begun, startedAtMs, isStopping: false };
    recordings.set(recordingId, recording);
  }

  /** What the right channel hears from now on: a leg, everybody in a room, or nobody. */
  hear(recordingId: RecordingId, contactId: ContactId, right: Heard): void {
    const heard = heardAs(contactId, right, (legId) => this.#mediaId(legId));
    const recording = this.#context.recordings.get(recordingId);
    if (recording === undefined) return;
    recording.right = right;
    const { client, begun } = recording;
    const params = { recordingId, right: heard };
    this.#context.orders.note(client, 'recording.attach', params);
    // Its file may still be being opened.
    if (!this.#context.isRecalling()) void begun.then(() => client.tell('recording.attach', params));
  }

  /** A leg has another name now, under which both channels find it. */
  renamed(legId: LegId): void {
    for (const [recordingId, { client, customer, right }] of this.#context.recordings) {
      if (customer !== legId && right !== legId) continue;
      // A room stays as it is, and so does nobody.
      const agent = typeof right === 'string' ? { right: this.#mediaId(right) } : {};
      this.#context.say(client, 'recording.attach', {
        recordingId,
        left: this.#mediaId(customer),
        ...agent,
      });
    }
  }

  /** Rule 19: silence of the true length while it is paused. */
  pause(recordingId: RecordingId, paused: boolean): void {
    const method = paused ? 'recording.pause' : 'recording.resume';
    const client = this.#context.recordings.get(recordingId)?.client;
    if (client !== undefined) this.#context.say(client, method, { recordingId });
  }

  stop(recordingId: RecordingId): void {
    const recording = this.#context.recordings.get(recordingId);
    if (recording === undefined) return;
    recording.isStopping = true;
    if (this.#context.isRecalling()) return;
    // Its end is reported by `recording-closed`, which also comes when a recording ends by itself.
    recording.begun
      .then(() => recording.client.stopRecording(recordingId))
      .catch((error: Error) => this.#context.notStopped(recordingId, error));
  }

  #failed(recordingId: RecordingId, error: Error): void {
    const { recordings, orders, events } = this.#context;
    const recording = recordings.get(recordingId);
    if (recording === undefined) return;
    recordings.delete(recordingId);
    orders.recordingEnded(recordingId);
    events.recordingTrouble(recordingId, error.message);
    const none = { recordingId, path: recording.file.path, durationSeconds: 0, bytes: 0 };
    events.recordingEnded(recordingId, none, false);
  }

  #mediaId(legId: LegId): string {
    return this.#context.legs.get(legId)?.mediaId ?? '';
  }
}
