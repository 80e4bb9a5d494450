import { m } from '#lib/paraglide/messages.js';

const known: Record<string, () => string> = {
  'customer-hung-up': m.reason_customer_hung_up,
  'agent-hung-up': m.reason_agent_hung_up,
  'supervisor-hung-up': m.reason_supervisor_hung_up,
  bye: m.reason_hung_up,
  cancelled: m.reason_cancelled,
  vanished: m.reason_vanished,
  'timed-out': m.reason_timed_out,
  'ring-timeout': m.reason_timed_out,
  'queue-full': m.reason_queue_full,
  'unknown-number': m.reason_unknown_number,
  'unknown-queue': m.reason_unknown_queue,
  'max-wait': m.reason_max_wait,
  'queue-removed': m.reason_queue_removed,
  'no-common-codec': m.reason_no_common_codec,
  'media-lost': m.reason_media_lost,
  'server-stopped': m.reason_server_stopped,
  'shutting-down': m.reason_server_stopped,
  'server-lost': m.reason_server_lost,
  'database-away': m.reason_database_away,
  'internal-error': m.reason_internal_error,
};

/** A stable reason code in words; one that is not known, such as `sip-486`, is shown as it is. */
export const reasonWords = (code: string): string => known[code]?.() ?? code;
