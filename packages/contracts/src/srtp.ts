import { z } from 'zod';

/**
 * Whether the sound of calls with a telephone or provider is encrypted, and where the keys come from: from the description (SDES,
 * RFC 4568), or from a handshake on the way of the sound (DTLS, RFC 5763). `off`: only when the other side offers it; `offered`: our
 * calls offer it too, and go without when it is not taken (RFC 8643); `required`: there is no call without it. `dtls-offered`: our
 * calls offer DTLS, and go by keys in the description, or without, when that is refused; `dtls-required`: there is no call without DTLS.
 */
export const SrtpUse = z.enum(['off', 'offered', 'required', 'dtls-offered', 'dtls-required']);
export type SrtpUse = z.infer<typeof SrtpUse>;
