import { Chance } from '../../platform/index.ts';

const chance = new Chance();

/** Unforeseeable 32 bits, for branches and tags. */
export function random32(): number {
  return chance.take(4).readUInt32LE();
}
