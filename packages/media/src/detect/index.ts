export {
  AnsweringMachineDetector,
  type AnsweringMachineEvent,
  type AnsweringMachineOptions,
  type AnsweringMachineReason,
  type AnsweringMachineVerdict,
  type MessageReady,
} from './answering-machine.ts';
export { SpeechDetector, type SpeechDetectorOptions, type SpeechEvent } from './speech.ts';
export {
  beepTone,
  faxAnswerTone,
  faxCallingTone,
  ToneDetector,
  type ToneEvent,
  type ToneSpec,
} from './tone.ts';
