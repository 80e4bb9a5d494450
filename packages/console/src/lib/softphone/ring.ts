/** The sounds that the telephone makes itself, on whichever device they are wanted. */
export interface Tone {
  stop(): void;
}

/** Ringing of European telephones: 425 Hz, one second on, four off; here with its fifth, which carries further. */
const ringFrequenciesHz = [425, 637];
const ringOnSeconds = 1;
const ringPeriodSeconds = 3;
const testSeconds = 1;
const level = 0.12;
const rampSeconds = 0.02;

function play(sinkId: string, schedule: (gain: AudioParam, from: number) => void, hz: number[]): Tone {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  const gain = new GainNode(context, { gain: 0 });
  gain.connect(destination);
  const oscillators = hz.map((frequency) => new OscillatorNode(context, { frequency }));
  for (const oscillator of oscillators) {
    oscillator.connect(gain);
    oscillator.start();
  }
  schedule(gain.gain, context.currentTime);
  const element = new Audio();
  element.srcObject = destination.stream;
  let isOver = false;
  // A page that nobody has touched yet may make no sound; it rings with its next touch, or not at all.
  const start = async (): Promise<void> => {
    await useSink(element, sinkId);
    if (isOver) return;
    await context.resume();
    await element.play();
  };
  start().catch(() => undefined);
  return {
    stop() {
      if (isOver) return;
      isOver = true;
      element.pause();
      element.srcObject = null;
      for (const oscillator of oscillators) oscillator.stop();
      void context.close();
    },
  };
}

function beat(gain: AudioParam, at: number, seconds: number): void {
  gain.setValueAtTime(0, at);
  gain.linearRampToValueAtTime(level, at + rampSeconds);
  gain.setValueAtTime(level, at + seconds - rampSeconds);
  gain.linearRampToValueAtTime(0, at + seconds);
}

/** Rings until it is stopped, at most so many times. */
export function ring(sinkId: string, timesMax = 60): Tone {
  return play(
    sinkId,
    (gain, from) => {
      for (let i = 0; i < timesMax; i++) beat(gain, from + i * ringPeriodSeconds, ringOnSeconds);
    },
    ringFrequenciesHz,
  );
}

/** One second of a tone, to find out where it comes from. */
export function testTone(sinkId: string): Tone {
  const tone = play(sinkId, (gain, from) => beat(gain, from, testSeconds), [440]);
  setTimeout(() => tone.stop(), (testSeconds + 1) * 1000);
  return tone;
}

/** Plays an element on that device, where the browser can choose; the device that is gone is replaced by the default. */
export async function useSink(element: HTMLMediaElement, sinkId: string): Promise<void> {
  if (sinkId === '' || !('setSinkId' in element)) return;
  await element.setSinkId(sinkId).catch(() => element.setSinkId(''));
}
