export { calibrate } from './calibration.ts';
export { answerFaults, scorecardFaults } from './faults.ts';
export { type Score, scoreOf } from './score.ts';
