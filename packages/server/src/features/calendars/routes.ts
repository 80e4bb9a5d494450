import { Calendar, CalendarInput, CalendarPage, QueueSettings } from '@crosspoint/contracts';
import { opensAt } from '@crosspoint/core';
import type { ApiContext, Routes } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { type NamedRow, namedRoutes, type PublishedDocuments } from '../named/index.ts';
import { calendarFaults, hoursOf } from './calendars.ts';

/** Business hours that queues and flows share. */
export function calendarRoutes(context: ApiContext, flows: PublishedDocuments): Routes {
  return namedRoutes(context, {
    ...{ table: 'calendars', path: '/calendars', subject: 'calendar', tag: 'calendars' },
    permissions: { read: 'calendars.read', write: 'calendars.write' },
    ...{ input: CalendarInput, item: Calendar, page: CalendarPage },
    faults: (settings) => calendarFaults(hoursOf(settings), context.now()),
    usedBy: async (transaction, name) => {
      const users = (await usersOf(transaction, flows)).get(name) ?? [];
      if (users.length === 0) return undefined;
      const list = users.map((user) => `${user.kind} "${user.name}"`).join(', ');
      return `The calendar "${name}" is used by ${list}. Give them other hours first.`;
    },
    show: async (transaction, rows) => {
      const users = await usersOf(transaction, flows);
      return rows.map((row) => shown(row, users.get(row.name) ?? [], context.now()));
    },
  });
}

type Users = Calendar['usedBy'];

function shown({ id, name, settings }: NamedRow, usedBy: Users, now: number): object {
  const hours = hoursOf(settings);
  const { open, until } = opensAt(hours, now);
  // Further ahead than some two weeks nothing is looked for: then it is as open as now.
  const openUntil = opensAt(hours, until).open === open ? null : new Date(until).toISOString();
  return { id, name, hours, usedBy, open, openUntil };
}

/** Who names each calendar. */
async function usersOf(
  transaction: DatabaseTransaction,
  flows: PublishedDocuments,
): Promise<Map<string, Users>> {
  const users = new Map<string, Users>();
  const add = (calendar: string, user: Users[number]) => {
    users.set(calendar, [...(users.get(calendar) ?? []), user]);
  };
  const queues = await transaction
    .selectFrom('queues')
    .select(['name', 'settings'])
    .orderBy('name')
    .execute();
  for (const { name, settings } of queues) {
    const { calendar } = QueueSettings.parse({ ...(settings as object), name });
    if (calendar !== null) add(calendar, { kind: 'queue', name });
  }
  for (const document of await flows(transaction)) {
    const named = Object.values(document.nodes).flatMap((node) =>
      node.kind === 'hours' && 'calendar' in node.hours ? [node.hours.calendar] : [],
    );
    for (const calendar of new Set(named)) add(calendar, { kind: 'flow', name: document.name });
  }
  return users;
}
