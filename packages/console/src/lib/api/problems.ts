import { namingWords } from '#lib/i18n/naming.ts';
import { m } from '#lib/paraglide/messages.js';
import { ApiError, type FailureCode } from './client.ts';

/** What happened, and what to do about it, in the language of the person. */
export interface ProblemWords {
  title: string;
  detail: string;
}

type Sentence = () => string;

/** One title and one remedy for each code of the API; the compiler misses none. */
const words: Record<FailureCode, [title: Sentence, remedy: Sentence]> = {
  'validation-failed': [m.problem_validation_failed, m.problem_validation_failed_remedy],
  'body-unreadable': [m.problem_validation_failed, m.problem_validation_failed_remedy],
  'cursor-invalid': [m.problem_cursor_invalid, m.problem_cursor_invalid_remedy],
  'current-password-wrong': [m.problem_current_password_wrong, m.problem_current_password_wrong_remedy],
  'second-factor-wrong': [m.problem_second_factor_wrong, m.problem_second_factor_wrong_remedy],
  'second-factor-required': [m.problem_second_factor_required, m.problem_second_factor_required_remedy],
  unauthenticated: [m.problem_unauthenticated, m.problem_unauthenticated_remedy],
  'credentials-wrong': [m.problem_credentials_wrong, m.problem_credentials_wrong_remedy],
  forbidden: [m.problem_forbidden, m.problem_forbidden_remedy],
  'scope-missing': [m.problem_forbidden, m.problem_forbidden_remedy],
  'origin-refused': [m.problem_origin_refused, m.problem_origin_refused_remedy],
  'not-found': [m.problem_not_found, m.problem_not_found_remedy],
  'method-not-allowed': [m.problem_internal, m.problem_internal_remedy],
  'not-acceptable': [m.problem_internal, m.problem_internal_remedy],
  'name-taken': [m.problem_name_taken, m.problem_name_taken_remedy],
  'in-use': [m.problem_in_use, m.problem_in_use_remedy],
  'last-administrator': [m.problem_last_administrator, m.problem_last_administrator_remedy],
  'own-account': [m.problem_own_account, m.problem_own_account_remedy],
  'command-refused': [m.problem_command_refused, m.problem_command_refused_remedy],
  'not-waiting': [m.problem_not_waiting, m.problem_not_waiting_remedy],
  'recording-unavailable': [m.problem_recording_unavailable, m.problem_recording_unavailable_remedy],
  'idempotency-running': [m.problem_idempotency, m.problem_idempotency_remedy],
  'version-outdated': [m.problem_version_outdated, m.problem_version_outdated_remedy],
  'body-too-large': [m.problem_body_too_large, m.problem_body_too_large_remedy],
  'media-type-unsupported': [m.problem_internal, m.problem_internal_remedy],
  'range-unsatisfiable': [m.problem_internal, m.problem_internal_remedy],
  'reference-unknown': [m.problem_reference_unknown, m.problem_reference_unknown_remedy],
  'configuration-invalid': [m.problem_configuration_invalid, m.problem_configuration_invalid_remedy],
  'idempotency-reused': [m.problem_idempotency, m.problem_idempotency_remedy],
  'rate-limited': [m.problem_rate_limited, m.problem_rate_limited_remedy],
  'login-delayed': [m.problem_login_delayed, m.problem_rate_limited_remedy],
  internal: [m.problem_internal, m.problem_internal_remedy],
  overloaded: [m.problem_overloaded, m.problem_overloaded_remedy],
  unavailable: [m.problem_unavailable, m.problem_overloaded_remedy],
  unreachable: [m.problem_unreachable, m.problem_unreachable_remedy],
  'timed-out': [m.problem_timed_out, m.problem_unreachable_remedy],
  unintelligible: [m.problem_internal, m.problem_internal_remedy],
};

/** Why a command does not apply, where more can be said than that; by the stable reason of the contact centre. */
const refusals: Readonly<Record<string, Sentence>> = {
  'agent-unreachable': m.refusal_agent_unreachable,
  'agent-unknown': m.refusal_agent_unknown,
  'no-route': m.refusal_no_route,
  'queue-full': m.refusal_queue_full,
  'own-extension': m.refusal_own_extension,
  'not-in-charge': m.refusal_not_in_charge,
  'recorded-by-queue': m.refusal_recorded_by_queue,
  'call-unknown': m.refusal_call_unknown,
  'already-consulting': m.refusal_already_consulting,
  'already-here': m.refusal_already_here,
  'caller-unreachable': m.refusal_caller_unreachable,
  'conference-full': m.refusal_conference_full,
  locked: m.refusal_locked,
  'not-connected': m.refusal_not_connected,
  'not-supervising': m.refusal_not_supervising,
  'call-not-connected': m.refusal_call_not_connected,
  'contacts-wait': m.refusal_contacts_wait,
  'callbacks-promised': m.refusal_callbacks_promised,
  'not-in-wrap-up': m.refusal_not_in_wrap_up,
  'wrap-up-without-end': m.refusal_wrap_up_without_end,
  'database-away': m.refusal_database_away,
  'second-factor-enabled': m.refusal_second_factor_enabled,
};

export function problemWords(error: ApiError): ProblemWords {
  const [title, remedy] = words[error.code] ?? words.internal;
  const refusal = error.code === 'command-refused' ? refusals[error.reason ?? ''] : undefined;
  if (refusal !== undefined) return { title: title(), detail: refusal() };
  if (error.usedBy.length > 0) {
    return { title: title(), detail: m.problem_in_use_by({ users: namingWords(error.usedBy) }) };
  }
  if (error.permission === 'teams.beyond') {
    return { title: m.problem_beyond_teams(), detail: m.problem_beyond_teams_remedy() };
  }
  if (error.retryAfterSeconds !== null) {
    return { title: title(), detail: m.problem_wait_seconds({ count: error.retryAfterSeconds }) };
  }
  return { title: title(), detail: remedy() };
}

/** For acts: anything that is not a refusal of the server is a fault of ours and is thrown on. */
export function wordsOf(error: unknown): ProblemWords {
  if (error instanceof ApiError) return problemWords(error);
  throw error;
}
