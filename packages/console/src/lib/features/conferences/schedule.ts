import {
  type Conference,
  ConferenceInput,
  type ConferenceSchedule,
  type ConferenceSettings,
} from '@crosspoint/contracts';
import { present } from '#lib/live/present.svelte.ts';

const hourMs = 3_600_000;

/** What the clocks of this place show then: `2026-12-01T10:00`. */
function local(at: number): string {
  const minutes = new Date(at).getTimezoneOffset();
  return new Date(at - minutes * 60_000).toISOString().slice(0, 16);
}

/** An hour from the next full one on, by the clocks of this place. */
export function nextHour(): ConferenceSchedule {
  const startsAt = Math.ceil(present.ms / hourMs) * hourMs;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return { timeZone, startsAt: local(startsAt), endsAt: local(startsAt + hourMs), weekly: null };
}

/** What of a conference is settings. */
export function settingsOf(conference: Conference): ConferenceSettings {
  const { id: _id, next: _next, live: _live, mayModerate: _leads, mayJoin: _joins, ...settings } = conference;
  return ConferenceInput.parse(structuredClone(settings));
}
