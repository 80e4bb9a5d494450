export {
  type ActivitySpan,
  type Adherence,
  type AdherenceDifference,
  measureAdherence,
} from './adherence.ts';
export { AdherenceDay, type AdherenceTime } from './day.ts';
export { dayBounds, scheduledDays, type ScheduledSpan, scheduledSpans } from './schedule.ts';
