import { m } from '#lib/paraglide/messages.js';

/** Every time zone that the browser knows, with the one that is set in front when it is not among them. */
export function timeZones(current: string): string[] {
  const known = Intl.supportedValuesOf('timeZone');
  const all = ['UTC', ...known.filter((zone) => zone !== 'UTC')];
  return all.includes(current) ? all : [current, ...all];
}

/** What a zone is called where people choose theirs: who has chosen none sees the times of the device. */
export function zoneName(zone: string): string {
  return zone === 'UTC' ? m.theme_system() : zone;
}
