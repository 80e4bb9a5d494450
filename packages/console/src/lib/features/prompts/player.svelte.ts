let playing = $state<string | null>(null);
let element: HTMLAudioElement | undefined;
let madeUrl: string | undefined;

function stop(): void {
  element?.pause();
  if (madeUrl !== undefined) URL.revokeObjectURL(madeUrl);
  madeUrl = undefined;
  playing = null;
}

/** One sound at a time: whatever begins ends what was heard. */
export const player = {
  /** Of what is heard now. */
  get playing(): string | null {
    return playing;
  },
  stop,
  /** Plays a sound, or stops it when it is the one that is heard. @throws {DOMException} when it is no sound that the browser plays. */
  async toggle(id: string, sound: string | Blob): Promise<void> {
    const wasHeard = playing === id;
    stop();
    if (wasHeard) return;
    element ??= new Audio();
    madeUrl = sound instanceof Blob ? URL.createObjectURL(sound) : undefined;
    element.src = madeUrl ?? (sound as string);
    element.onended = stop;
    playing = id;
    try {
      await element.play();
    } catch (error) {
      // Interrupted by the next one, or by stop.
      if (error instanceof DOMException && error.name === 'AbortError') return;
      stop();
      throw error;
    }
  },
};

/** Where the sound of a stored prompt is; what changed is not taken from the browser's memory. */
export const promptUrl = ({ id, changedAt }: { id: string; changedAt: string | null }): string =>
  `/api/v1/prompts/${id}${changedAt === null ? '' : `?at=${Date.parse(changedAt)}`}`;
