import type { ConfigurationDocumentInput, ScheduleInput } from '@crosspoint/contracts';
import { type CompanyAgent, type CompanyQueue, type QueueKey, queues, supervisor } from './company.ts';
import { customer } from './customers.ts';

/** What the company has planned: shifts, calls that were promised, meetings. Times are those of clocks where the people are. */

type Zone = 'Europe/Prague' | 'Europe/Madrid';
const dayMs = 86_400_000;
const quarterMs = 900_000;

const zoneOf = ({ serves }: Pick<CompanyAgent, 'serves'>): Zone =>
  serves[0]?.queue === 'soporte' ? 'Europe/Madrid' : 'Europe/Prague';

/** What clocks and calendars show there. */
function local(atMs: number, timeZone: Zone): { date: string; time: string } {
  // Swedish writes dates as ISO 8601 does.
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const [date = '', time = ''] = text.format(atMs).split(' ');
  return { date, time };
}

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const;
const usualDay: Record<Zone, { from: string; to: string; breaks: { from: string; to: string }[] }> = {
  'Europe/Prague': { from: '08:00', to: '16:30', breaks: [{ from: '12:00', to: '12:30' }] },
  'Europe/Madrid': { from: '09:00', to: '17:45', breaks: [{ from: '14:00', to: '14:45' }] },
};

/**
 * The schedule with a shift for the day on which the company opens, as long as it is open; undefined when it says already what is on
 * that day. Somebody without any schedule gets the usual week too.
 */
export function openingShift(
  agent: Pick<CompanyAgent, 'serves'>,
  schedule: ScheduleInput | null,
  openedAtMs: number,
  openMs: number,
): ScheduleInput | undefined {
  const zone = zoneOf(agent);
  const week = Object.fromEntries(weekdays.map((day) => [day, [usualDay[zone]]]));
  const before: ScheduleInput = schedule ?? { timeZone: zone, week };
  const beginsMs = openedAtMs - (openedAtMs % quarterMs);
  const from = local(beginsMs, zone);
  const dates = before.dates ?? [];
  if (before.timeZone !== zone || dates.some(({ date }) => date === from.date)) return undefined;
  const to = local(beginsMs + openMs, zone).time;
  const today = { date: from.date, shifts: [{ from: from.time, to }] };
  return { ...before, dates: [...dates, today].toSorted((a, b) => a.date.localeCompare(b.date)) };
}

/** Calls that customers asked for, on the next days: the company is closed before any of them is due. */
const promises: readonly { queue: QueueKey; customer: number; note: string; inDays: number; hour: number }[] =
  [
    { queue: 'support', customer: 7, note: 'After the technician was there', inDays: 1, hour: 9 },
    { queue: 'billing', customer: 31, note: 'Wants to pay in instalments', inDays: 2, hour: 13 },
    { queue: 'soporte', customer: 18, note: 'Prefiere por la tarde', inDays: 3, hour: 15 },
  ];

/** The calls that are promised on the day on which the company is founded. Hours are those of UTC, which is daytime in all of Europe. */
export function promisedCalls(
  seed: number,
  foundedAtMs: number,
): { queue: CompanyQueue; number: string; callerName: string; note: string; at: string }[] {
  const today = foundedAtMs - (foundedAtMs % dayMs);
  return queues.flatMap((queue) =>
    promises
      .filter((promise) => promise.queue === queue.key)
      .map(({ customer: index, note, inDays, hour }) => {
        const { phone, name = '' } = customer(seed, queue, index);
        const at = new Date(today + inDays * dayMs + hour * 3_600_000).toISOString();
        return { queue, number: phone, callerName: name, note, at };
      }),
  );
}

export const conferenceNumber = '+420555000205';

/** Two meetings a week; who is not there does not lead or join them. */
export function meetings(
  people: ReadonlySet<string>,
  agents: readonly CompanyAgent[],
  nowMs: number,
): NonNullable<ConfigurationDocumentInput['conferences']> {
  const zone = 'Europe/Prague';
  const { date } = local(nowMs, zone);
  const there = (names: readonly string[]): string[] => names.filter((name) => people.has(name));
  const of = (queue: QueueKey): string[] =>
    there(agents.filter(({ serves }) => serves[0]?.queue === queue).map(({ username }) => username));
  const common = { number: conferenceNumber, moderators: there([supervisor.username]) };
  return [
    {
      ...{ name: 'Monday round', ...common, participants: [...of('support'), ...of('soporte')] },
      schedule: {
        ...{ timeZone: zone, startsAt: `${date}T08:30`, endsAt: `${date}T09:00` },
        weekly: { days: ['monday'] },
      },
    },
    {
      ...{ name: 'Invoices of the week', ...common, participants: of('billing'), record: true },
      schedule: {
        ...{ timeZone: zone, startsAt: `${date}T14:00`, endsAt: `${date}T14:45` },
        weekly: { days: ['thursday'] },
      },
    },
  ];
}
