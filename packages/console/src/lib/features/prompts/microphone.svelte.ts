import { promptSecondsMax } from '@crosspoint/contracts';
import { type MicrophoneFault, meter, openMicrophone, stopStream } from '#lib/softphone/audio.ts';
import { devices } from '#lib/softphone/devices.svelte.ts';

/** Takes down what is said into the microphone that the telephone uses too. */
export class PromptRecorder {
  #level = $state(0);
  #seconds = $state<number | null>(null);
  #fault = $state<MicrophoneFault | null>(null);
  #stream: MediaStream | null = null;
  #recorder: MediaRecorder | undefined;
  #endMeter: (() => void) | undefined;
  #pieces: Blob[] = [];
  readonly #done: (recorded: Blob) => void;

  constructor(done: (recorded: Blob) => void) {
    this.#done = done;
  }

  /** 0 to 1. */
  get level(): number {
    return this.#level;
  }

  /** Since it began; null when nothing is recorded. */
  get seconds(): number | null {
    return this.#seconds;
  }

  get fault(): MicrophoneFault | null {
    return this.#fault;
  }

  async start(): Promise<void> {
    const microphone = await openMicrophone(devices.id('microphone'));
    this.#fault = microphone.ok ? null : microphone.fault;
    if (!microphone.ok) return;
    this.#stream = microphone.stream;
    const beganAt = Date.now();
    this.#endMeter = meter(microphone.stream, (level) => {
      this.#level = level;
      if (this.#seconds === null) return;
      this.#seconds = (Date.now() - beganAt) / 1_000;
      if (this.#seconds > promptSecondsMax) this.stop();
    });
    this.#pieces = [];
    const recorder = new MediaRecorder(microphone.stream);
    recorder.ondataavailable = ({ data }) => this.#pieces.push(data);
    recorder.onstop = () => this.#done(new Blob(this.#pieces, { type: recorder.mimeType }));
    this.#recorder = recorder;
    recorder.start();
    this.#seconds = 0;
  }

  /** Ends the recording; what was said is handed over. */
  stop(): void {
    if (this.#recorder?.state === 'recording') this.#recorder.stop();
    this.#release();
  }

  /** Ends it and forgets what was said. */
  cancel(): void {
    if (this.#recorder !== undefined) this.#recorder.onstop = null;
    this.stop();
  }

  #release(): void {
    this.#endMeter?.();
    stopStream(this.#stream);
    this.#endMeter = undefined;
    this.#stream = null;
    this.#level = 0;
    this.#seconds = null;
  }
}
