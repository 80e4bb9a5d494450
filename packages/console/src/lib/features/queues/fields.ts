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
  ringAllMax: m.queue_field_ring_all_max,
  priorityRules: m.queue_rules_title,
  ageing: m.queue_field_ageing,
  requirementSteps: m.queue_section_who,
  afterLastStep: m.queue_field_after_steps,
  sticky: m.queue_field_sticky,
  resumeWindowSeconds: m.queue_field_resume,
  joinWhenEmpty: m.queue_field_join,
  leaveWhenEmpty: m.queue_field_leave,
  leaveWhenEmptySeconds: m.queue_field_leave_seconds,
  overflow: m.queue_section_overflow,
  hours: m.queue_section_hours,
  announcements: m.queue_section_sound,
  callback: m.queue_field_callback,
  dispositions: m.queue_section_after,
  screenPopUrl: m.queue_field_screen_pop,
  alerts: m.queue_section_alerts,
};

/** The name of a queue's setting for people. */
export const queueFieldLabel = (field: string): string => labels[field]?.() ?? field;
