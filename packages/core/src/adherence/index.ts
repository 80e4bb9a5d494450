export {
  type ActivitySpan,
  type Adherence,
  type AdherenceDifference,
  measureAdherence,
} from './adherence.ts';
export { dayBounds, type ScheduledSpan, scheduledSpans } from './schedule.ts';
