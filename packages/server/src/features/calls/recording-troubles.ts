import type { HelloResult, MediaClient } from '../../media/index.ts';

/** Which recordings the disk refuses at this moment, and why. */
export class RecordingTroubles {
  readonly #reasons = new Map<MediaClient, Map<string, string>>();

  /** Subscribes to a media process; call once for each client. */
  attach(client: MediaClient): void {
    const reasons = new Map<string, string>();
    this.#reasons.set(client, reasons);
    client.on('recording-failed', ({ recordingId, message }) => reasons.set(recordingId, message));
    client.on('recording-resumed', ({ recordingId }) => reasons.delete(recordingId));
    client.on('recording-closed', ({ recordingId }) => reasons.delete(recordingId));
    // A process that was found running may have told it to another control process.
    const learn = (hello: HelloResult | undefined): void => {
      reasons.clear();
      for (const { recordingId, state } of hello?.recordings ?? [])
        if (state === 'stalled') reasons.set(recordingId, 'the disk refuses');
    };
    client.on('connected', ({ hello }) => learn(hello));
    learn(client.hello);
  }

  /** In one sentence; undefined while everything is written. */
  get detail(): string | undefined {
    const reasons = [...this.#reasons.values()].flatMap((each) => [...each.values()]);
    const [reason] = reasons;
    if (reason === undefined) return undefined;
    return `Recordings cannot be written, ${reasons.length} at the moment (${reason}). Calls go on, and what is said meanwhile is not in them.`;
  }
}
