import type { SrtpUse } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';

const names: Record<SrtpUse, () => string> = {
  off: m.srtp_off,
  offered: m.srtp_offered,
  required: m.srtp_required,
};
/** Whether sound is encrypted, for people. */
export const srtpName = (use: SrtpUse): string => names[use]();
