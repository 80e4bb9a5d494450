import type { SimulationConfiguration } from '../world/index.ts';
import { largeCentre } from './large-centre.ts';
import { supportCentre } from './support-centre.ts';

/** Contact centres to simulate, by name. */
export const scenarios: Readonly<Record<string, SimulationConfiguration>> = {
  'support-centre': supportCentre,
  'large-centre': largeCentre,
};
