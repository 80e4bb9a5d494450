import type { AlertEvent, DeliveryState, MailServer } from '@crosspoint/contracts';
import type { Tone } from '#lib/components/tone.ts';
import { m } from '#lib/paraglide/messages.js';

export const encryptionNames: Record<MailServer['encryption'], () => string> = {
  starttls: m.mail_encryption_starttls,
  tls: m.mail_encryption_tls,
  none: m.mail_encryption_none,
};

export const eventNames: Record<AlertEvent, () => string> = {
  raised: m.target_event_raised,
  cleared: m.target_event_cleared,
};

/** The same in a table. */
export const eventWords: Record<AlertEvent, () => string> = {
  raised: m.target_when_raised,
  cleared: m.target_when_cleared,
};

export const deliveryStates: Record<DeliveryState, { name: () => string; tone: Tone }> = {
  waiting: { name: m.delivery_waiting, tone: 'waiting' },
  delivered: { name: m.delivery_delivered, tone: 'talk' },
  failed: { name: m.delivery_failed, tone: 'bad' },
};
