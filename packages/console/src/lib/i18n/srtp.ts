import type { SrtpUse } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';

const names: Record<SrtpUse, () => string> = {
  off: m.srtp_off,
  offered: m.srtp_offered,
  required: m.srtp_required,
  'dtls-offered': m.srtp_dtls_offered,
  'dtls-required': m.srtp_dtls_required,
};
/** Whether sound is encrypted, for people. */
export const srtpName = (use: SrtpUse): string => names[use]();
