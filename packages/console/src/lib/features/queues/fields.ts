import { m } from '#lib/paraglide/messages.js';

const labels: Record<string, () => string> = {
  name: m.queue_field_name,
  strategy: m.queue_field_strategy,
  recording: m.queue_field_recording,
  recordingFormat: m.queue_field_recording_format,
  agents: m.queue_section_agents,
  ringTimeoutSeconds: m.queue_field_ring,
  maxNonResponses: m.queue_field_non_responses,
  noAnswerDelaySeconds: m.queue_field_no_answer_delay,
  rejectDelaySeconds: m.queue_field_reject_delay,
  busyDelaySeconds: m.queue_field_busy_delay,
  wrapUp: m.queue_section_wrapup,
  serviceLevel: m.queue_section_level,
  shortAbandonSeconds: m.queue_field_short_abandon,
  maxSize: m.queue_field_size,
  maxWaitSeconds: m.queue_field_max_wait,
};

/** The name of a queue's setting for people. */
export const queueFieldLabel = (field: string): string => labels[field]?.() ?? field;
