import { m } from '#lib/paraglide/messages.js';

const labels: Record<string, () => string> = {
  username: m.login_username,
  name: m.user_name,
  role: m.user_role,
  customRoleId: m.user_role,
  language: m.profile_language,
  timeZone: m.profile_time_zone,
  disabled: m.user_disabled,
  password: m.login_password,
  extension: m.user_extension,
  skills: m.user_skills,
  languages: m.user_languages,
  capacity: m.user_capacity,
  queues: m.nav_queues,
  teamIds: m.user_teams,
  endpoints: m.endpoints_title,
  ringMode: m.endpoint_ring_mode,
  sipPassword: m.user_sip_password,
};

/** The name of an account's or agent's field for people. */
export const userFieldLabel = (field: string): string => labels[field]?.() ?? field;
