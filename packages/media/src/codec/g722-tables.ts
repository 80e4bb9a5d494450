/** The tables of ITU-T G.722 (11/1988, §3–6). Names follow the recommendation. */

/** QMF: every second coefficient; the others are these in reverse (table 11, scaled by 8,192). */
export const qmf = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);

/** Decision levels 1–29 of the 6-bit quantiser of the lower band (Q6), filled up to a power of two. */
export const decisionLevels = Int32Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023],
  ...[1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919, 65_535, 65_535],
);
/** Output values of the inverse quantisers with 6, 4 and 2 bits (QM6, QM4, QM2). */
export const qm6 = Int32Array.of(
  ...[-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232],
  ...[-9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400],
  ...[-2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232],
  ...[9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688],
  ...[1360, 1040, 728, 432, 136, -432, -136],
);
export const qm4 = Int32Array.of(
  ...[0, -20456, -12896, -8968, -6288, -4240, -2584, -1200],
  ...[20456, 12896, 8968, 6288, 4240, 2584, 1200, 0],
);
export const qm2 = Int32Array.of(-7408, -1616, 7408, 1616);

/** Logarithmic scale factor multipliers of the lower band, by 4-bit code (WL ∘ RL42), and of the upper, by 2-bit code (WH ∘ RH2). */
export const lowerStep = Int32Array.of(
  ...[-60, 3042, 1198, 538, 334, 172, 58, -30],
  ...[3042, 1198, 538, 334, 172, 58, -30, -60],
);
export const upperStep = Int32Array.of(798, -214, 798, -214);

/** Mantissas of 2^(i/32), 11 bits (ILB). */
export const ilb = Int32Array.of(
  ...[2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834],
  ...[2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008],
);
