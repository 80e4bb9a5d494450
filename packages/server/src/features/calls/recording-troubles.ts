import type { HelloResult, MediaClient } from '../../media/index.ts';

/** Which recordings the disk refuses at this moment, or could not be brought to it for good, and why. */
export class RecordingTroubles {
  readonly #reasons = new Map<MediaClient, Map<string, string>>();
  /** Of the processes whose recordings would not outlive a power cut. */
  readonly #unsecured = new Map<MediaClient, string>();

  /** Subscribes to a media process; call once for each client. */
  attach(client: MediaClient): void {
    const reasons = new Map<string, string>();
    this.#reasons.set(client, reasons);
    client.on('recording-failed', ({ recordingId, message }) => reasons.set(recordingId, message));
    client.on('recording-resumed', ({ recordingId }) => reasons.delete(recordingId));
    client.on('recording-closed', ({ recordingId }) => reasons.delete(recordingId));
    const learnUnsecured = (failure: string | null): void => {
      if (failure === null) this.#unsecured.delete(client);
      else this.#unsecured.set(client, failure);
    };
    client.on('recordings-unsecured', ({ failure }) => learnUnsecured(failure));
    // A process that was found running may have told it to another control process.
    const learn = (hello: HelloResult | undefined): void => {
      reasons.clear();
      learnUnsecured(hello?.recordingsUnsecured ?? null);
      for (const { recordingId, state } of hello?.recordings ?? [])
        if (state === 'stalled') reasons.set(recordingId, 'the disk refuses');
    };
    client.on('connected', ({ hello }) => learn(hello));
    learn(client.hello);
  }

  /** In a sentence or two; undefined while everything is written and kept. */
  get detail(): string | undefined {
    const reasons = [...this.#reasons.values()].flatMap((each) => [...each.values()]);
    const [reason] = reasons;
    if (reason === undefined) return this.#unsecuredDetail;
    return `Recordings cannot be written, ${reasons.length} at the moment (${reason}). Calls go on, and what is said meanwhile is not in them.`;
  }

  get #unsecuredDetail(): string | undefined {
    const [failure] = this.#unsecured.values();
    if (failure === undefined) return undefined;
    return `Recordings are written, but the disk does not keep them for good (${failure}): a power cut would take more than their last second. Check the disk.`;
  }
}
