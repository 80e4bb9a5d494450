// `npm run bench -- detect`: CPU time of each detector per second of sound of one leg.
import {
  AnsweringMachineDetector,
  beepTone,
  composeMusic,
  DtmfDetector,
  faxCallingTone,
  SpeechDetector,
  ToneDetector,
} from '../src/index.ts';

const music = composeMusic();
const seconds = music.length / 8000;

/** CPU time of this process in milliseconds. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The fastest round counts: on a busy machine the others measure the neighbours too. */
function measure(name: string, make: () => (at: number, end: number) => unknown): void {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8; round++) {
    const process = make();
    const started = cpuMs();
    for (let at = 0; at + 160 <= music.length; at += 160) process(at, at + 160);
    fastestMs = Math.min(fastestMs, cpuMs() - started);
  }
  const perSecondMs = fastestMs / seconds;
  console.log(
    `${name.padEnd(28)} ${perSecondMs.toFixed(3)} ms per second, ${Math.floor(1000 / perSecondMs)} legs per core`,
  );
}

measure('in-band digits', () => {
  const detector = new DtmfDetector();
  return (at, end) => detector.process(music, at, end);
});

measure('speech and silence', () => {
  const detector = new SpeechDetector();
  return (at, end) => detector.process(music, at, end);
});

// Music of single tones is the worst case: nearly every stretch is looked at closely.
measure('beep and fax tones', () => {
  const detector = new ToneDetector([faxCallingTone, beepTone]);
  return (at, end) => detector.process(music, at, end);
});

measure('answering machine', () => {
  let detector = new AnsweringMachineDetector();
  return (at, end) => {
    if (detector.isDone) detector = new AnsweringMachineDetector();
    return detector.process(music, at, end);
  };
});
