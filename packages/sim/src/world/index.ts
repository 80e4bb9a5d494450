export type {
  AgentBehaviour,
  CallerBehaviour,
  SimulatedAgent,
  SimulatedQueue,
  SimulationConfiguration,
} from './configuration.ts';
export { Random } from './random.ts';
export {
  type SimulatedQueueResult,
  type SimulationOptions,
  type SimulationResult,
  simulate,
} from './simulate.ts';
