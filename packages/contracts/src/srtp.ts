import { z } from 'zod';

/**
 * Whether the sound of calls with a telephone or provider is encrypted, with keys from the description (SDES, RFC 4568).
 * `off`: only when the other side offers it; `offered`: our calls offer it too, and go without when it is not taken
 * (RFC 8643); `required`: there is no call without it.
 */
export const SrtpUse = z.enum(['off', 'offered', 'required']);
export type SrtpUse = z.infer<typeof SrtpUse>;
