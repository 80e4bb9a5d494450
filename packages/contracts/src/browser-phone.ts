import { z } from 'zod';
import { Instant } from './instants.ts';

/** Which window of the console; drawn by the page, kept by it over a reload. */
export const PhoneWindowId = z
  .string()
  .regex(/^[A-Za-z0-9-]{8,64}$/, 'must be 8 to 64 letters, digits or hyphens');

/** `POST /agents/me/browser-phone`: this window becomes the agent's telephone, or stays it. */
export const BrowserPhoneInput = z.strictObject({
  windowId: PhoneWindowId,
  /** Takes it from another window that is the telephone now; a call that is up comes along. */
  takeOver: z.boolean().default(false),
});
export type BrowserPhoneInput = z.input<typeof BrowserPhoneInput>;

/** A SIP account of this window alone. Ask again before it expires. */
export const BrowserPhone = z
  .object({
    /** Address of record to register. */
    uri: z.string(),
    username: z.string(),
    password: z.string(),
    /** Path of the WebSocket on this host. */
    path: z.string(),
    expiresAt: Instant,
  })
  .meta({ id: 'BrowserPhone' });
export type BrowserPhone = z.infer<typeof BrowserPhone>;
