export {
  answerTimer,
  readMinSe,
  readSessionExpires,
  type SessionInterval,
  type SessionTimerPolicy,
  type TimerAnswer,
} from './negotiation.ts';
