export {
  type DayFault,
  dayFaults,
  dayFaultWords,
  neverOpens,
  Openings,
  type OpenState,
  opensAt,
} from './opening.ts';
