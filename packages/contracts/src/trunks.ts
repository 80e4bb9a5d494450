import { z } from 'zod';

/** A host name or an IP address. */
const Host = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9.:_-]+$/, 'is not a host name or IP address');
/** An IP address or a network in CIDR notation; the server checks the form in full. */
const NetworkMatch = z
  .string()
  .trim()
  .regex(/^[0-9A-Fa-f.:]+(\/\d{1,3})?$/, 'is not an address or a network such as 192.0.2.0/24');

/** A SIP connection to a provider, as it is stored. */
export const TrunkSettings = z.strictObject({
  host: Host,
  port: z.number().int().min(1).max(65_535).default(5060),
  transport: z.enum(['udp', 'tcp', 'tls']).default('udp'),
  /** Calls from these addresses belong to this trunk. */
  match: z.array(NetworkMatch).max(100).default([]),
  register: z
    .strictObject({
      username: z.string().trim().min(1).max(64),
      /** Never returned, and stored encrypted. */
      password: z.string().min(1).max(256).optional(),
      domain: Host.optional(),
      expirySeconds: z.number().int().min(60).max(86_400).default(3600),
    })
    .optional(),
});
export type TrunkSettings = z.infer<typeof TrunkSettings>;
