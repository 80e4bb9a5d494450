/**
 * The E-model (ITU-T G.107, 06/2015 edition) with its default values for everything that a packet network does not
 * change: loudness, noise, echo and side tone are those of a good telephone. Symbols are those of the Recommendation.
 */

/** Default values (G.107, table 3); levels in dB, dBm0p or dBmp as there. */
const defaults = {
  SLR: 8,
  RLR: 2,
  STMR: 15,
  LSTR: 18,
  Ds: 3,
  TELR: 65,
  WEPL: 110,
  qdu: 1,
  Nc: -70,
  Nfor: -64,
  Ps: 35,
  Pr: 35,
};

const decibels = (power: number) => 10 * Math.log10(power);
const powerOf = (level: number) => 10 ** (level / 10);

/** Sum of the noises at the reference point, dBm0p (G.107 §7.2). */
function noiseLevel(): number {
  const { SLR, RLR, LSTR, Ds, Nc, Nfor, Ps, Pr } = defaults;
  const OLR = SLR + RLR;
  const Nos = Ps - SLR - Ds - 100 + 0.004 * (Ps - OLR - Ds - 14) ** 2;
  const Pre = Pr + decibels(1 + powerOf(10 - LSTR));
  const Nor = RLR - 121 + Pre + 0.008 * (Pre - 35) ** 2;
  const Nfo = Nfor + RLR;
  return decibels(powerOf(Nc) + powerOf(Nos) + powerOf(Nor) + powerOf(Nfo));
}

/** What impairs the voice whatever the delay is: too loud, side tone, quantizing (G.107 §7.3) with T = 0. */
function simultaneousImpairment(No: number, Ro: number): number {
  const { SLR, RLR, STMR, TELR, qdu } = defaults;
  const OLR = SLR + RLR;
  const Xolr = OLR + 0.2 * (64 + No - RLR);
  const Iolr = 20 * ((1 + (Xolr / 8) ** 8) ** (1 / 8) - Xolr / 8);
  const STMRo = -decibels(powerOf(-STMR) + powerOf(-TELR));
  const Ist =
    12 * (1 + ((STMRo - 13) / 6) ** 8) ** (1 / 8) -
    28 * (1 + ((STMRo + 1) / 19.4) ** 35) ** (1 / 35) -
    13 * (1 + ((STMRo - 3) / 33) ** 13) ** (1 / 13) +
    29;
  const Q = 37 - 15 * Math.log10(qdu);
  const G = 1.07 + 0.258 * Q + 0.0602 * Q ** 2;
  const Y = (Ro - 100) / 15 + 46 / 8.4 - G / 9;
  const Z = 46 / 30 - G / 40;
  const Iq = 15 * Math.log10(1 + 10 ** Y + 10 ** Z);
  return Iolr + Ist + Iq;
}

const No = noiseLevel();
const Ro = 15 - 1.5 * (defaults.SLR + No);
const Is = simultaneousImpairment(No, Ro);

/** R of a connection without delay, loss and coding; about 93.2. */
export const ratingMax = Ro - Is - delayImpairment(0);

/**
 * Id: what delay takes away (G.107 §7.4): talker echo, listener echo and the delay itself.
 * @param oneWayMs mouth to ear, 0 and more; the way back is taken to be as long
 */
export function delayImpairment(oneWayMs: number): number {
  const { RLR, TELR, WEPL } = defaults;
  const T = oneWayMs;
  const TERV = TELR - 40 * Math.log10((1 + T / 10) / (1 + T / 150)) + 6 * Math.exp(-0.3 * T ** 2);
  const Re = 80 + 2.5 * (TERV - 14);
  const Roe = -1.5 * (No - RLR);
  const Idte = ((Roe - Re) / 2 + Math.sqrt((Roe - Re) ** 2 / 4 + 100) - 1) * (1 - Math.exp(-T));
  const Rle = 10.5 * (WEPL + 7) * (2 * T + 1) ** -0.25;
  const Idle = (Ro - Rle) / 2 + Math.sqrt((Ro - Rle) ** 2 / 4 + 169);
  return Idte + Idle + absoluteDelayImpairment(T);
}

/** Idd: what long delay alone takes away, above 100 ms (G.107 §7.4, equation 7-27 with default sT and mT). */
function absoluteDelayImpairment(oneWayMs: number): number {
  if (oneWayMs <= 100) return 0;
  const X = Math.log2(oneWayMs / 100);
  return 25 * ((1 + X ** 6) ** (1 / 6) - 3 * (1 + (X / 3) ** 6) ** (1 / 6) + 2);
}

/**
 * Ie-eff: what coding and loss take away (G.107 §7.5).
 * @param Ie impairment of the codec without loss
 * @param Bpl its robustness against loss
 * @param lossPercent 0–100
 * @param burstRatio 1 for losses at random, above for losses in bursts
 */
export function effectiveEquipmentImpairment(
  Ie: number,
  Bpl: number,
  lossPercent: number,
  burstRatio: number,
): number {
  return Ie + ((95 - Ie) * lossPercent) / (lossPercent / burstRatio + Bpl);
}

/** Mean opinion score of a rating (G.107 annex B): 1 (bad) to 4.5. */
export function mosOfRating(R: number): number {
  if (R <= 0) return 1;
  if (R >= 100) return 4.5;
  // Between 0 and 6.5 the polynomial dips below the lowest score that there is.
  return Math.max(1, 1 + 0.035 * R + R * (R - 60) * (100 - R) * 7e-6);
}
