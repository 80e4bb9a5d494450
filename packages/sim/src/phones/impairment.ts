/** What a bad network does to the packets that leave a phone. Ratios are shares from 0 to 1. */
export type Impairment = { dropRatio: number; duplicateRatio: number };

export const noImpairment: Impairment = { dropRatio: 0, duplicateRatio: 0 };

/** How often a packet is to be sent: 0, 1 or 2 times. `random` draws from 0 (inclusive) to 1. */
export function copiesToSend(impairment: Impairment, random: () => number): number {
  if (impairment.dropRatio > 0 && random() < impairment.dropRatio) return 0;
  return impairment.duplicateRatio > 0 && random() < impairment.duplicateRatio ? 2 : 1;
}
