import type { BanReason, RefusalReason, TollScope } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';

const bans: Record<BanReason, () => string> = {
  'wrong-password': m.ban_wrong_password,
  'many-users': m.ban_many_users,
  'number-scan': m.ban_number_scan,
  scanner: m.ban_scanner,
  malformed: m.ban_malformed,
  manual: m.ban_manual,
};
export const banReasonLabel = (reason: BanReason): string => bans[reason]();

const refusals: Record<RefusalReason, () => string> = {
  denied: m.refusal_denied,
  banned: m.refusal_banned,
  scanner: m.refusal_scanner,
  'request-rate': m.refusal_request_rate,
  'call-rate': m.refusal_call_rate,
  'agent-call-rate': m.refusal_agent_call_rate,
  'trunk-call-rate': m.refusal_trunk_call_rate,
  amplification: m.refusal_amplification,
  'wrong-password': m.refusal_wrong_password,
  'unknown-number': m.refusal_unknown_number,
  malformed: m.refusal_malformed,
  'registration-size': m.refusal_registration_size,
  connections: m.refusal_connections,
  'prefix-denied': m.refusal_prefix_denied,
  'prefix-not-allowed': m.refusal_prefix_not_allowed,
  'country-not-allowed': m.refusal_country_not_allowed,
  'country-unknown': m.refusal_country_unknown,
  'premium-number': m.refusal_premium_number,
  'concurrent-calls': m.refusal_concurrent_calls,
  'calls-per-hour': m.refusal_calls_per_hour,
  'minutes-per-day': m.refusal_minutes_per_day,
};
export const refusalReasonLabel = (reason: RefusalReason): string => refusals[reason]();

const scopes: Record<TollScope, () => string> = {
  tenant: m.outgoing_scope_tenant,
  trunk: m.outgoing_scope_trunk,
  agent: m.outgoing_scope_agent,
};
export const scopeLabel = (scope: TollScope): string => scopes[scope]();

const fields: Record<string, () => string> = {
  unknownSources: m.limits_unknown_sources,
  dropScanners: m.limits_drop_scanners,
  scannerSignatures: m.limits_signatures,
  digest: m.limits_digest,
  bans: m.limits_section_bans,
  rates: m.limits_section_rates,
  outgoing: m.limits_section_outgoing,
};
/** The name of a part of the settings for people. */
export const securityFieldLabel = (field: string): string => fields[field]?.() ?? field;
