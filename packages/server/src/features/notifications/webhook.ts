import { createHmac, randomBytes } from 'node:crypto';
import { AddressRefused, type AllowedNetworks, guardedRequest } from '../flows/index.ts';

const TIMEOUT_MS = 10_000;
const SECRET_BYTES = 32;
const SECRET_PREFIX = 'whsec_';
const HTTP_GONE = 410;

/** As the Standard Webhooks specification writes one. */
export const newWebhookSecret = (): string => SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64');

/** `v1` of the Standard Webhooks specification: HMAC-SHA256 over id, time and body, in base 64. */
export function signatureOf(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

export interface WebhookMessage {
  /** The same in every attempt, so that the receiver recognises what it has already. */
  id: string;
  body: string;
  /** Unix time in milliseconds. */
  now: number;
}

/** What became of a message; `final` when another attempt would be no use. */
export type SendResult = { ok: true } | { ok: false; error: string; final: boolean };

/** Posts a signed message. Redirects are not followed: they would take the message to who was not named. Never rejects. */
export async function postWebhook(
  allowed: AllowedNetworks,
  { url, secret }: { url: string; secret: string },
  { id, body, now }: WebhookMessage,
): Promise<SendResult> {
  const timestamp = Math.floor(now / 1000);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'crosspoint-webhook',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatureOf(secret, id, timestamp, body),
  };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const answer = await guardedRequest(allowed, new URL(url), { method: 'POST', headers, body }, signal);
    const status = answer.statusCode ?? 0;
    answer.destroy();
    if (status >= 200 && status <= 299) return { ok: true };
    return { ok: false, error: `answered ${status}`, final: status === HTTP_GONE };
  } catch (error) {
    if (error instanceof AddressRefused) {
      const reason =
        'the address is not of the public internet; allow it by the setting flows.lookupNetworks';
      return { ok: false, error: reason, final: true };
    }
    if (signal.aborted) return { ok: false, error: `no answer within ${TIMEOUT_MS / 1000} s`, final: false };
    return { ok: false, error: error instanceof Error ? error.message : String(error), final: false };
  }
}
