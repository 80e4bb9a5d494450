import { z } from 'zod';
import { Instant } from './instants.ts';

/** What services that speak and services that understand speech have in common. */

/** Left out, the key that is stored stays. It is never read back. */
export const ServiceKey = z.string().trim().min(1).max(500).optional();

/** Why a service was of no use. */
export const ServiceFault = z.enum([
  'key-refused',
  'request-refused',
  'limited',
  'unavailable',
  'timeout',
  'no-connection',
  'address-refused',
  'paused',
]);
export type ServiceFault = z.infer<typeof ServiceFault>;

/** The last time since the server started; null when there was none. `detail` is what the service said about it. */
export const lastFaultOf = <Fault extends z.ZodType<string>>(fault: Fault) =>
  z.object({ fault, detail: z.string(), at: Instant }).nullable();
