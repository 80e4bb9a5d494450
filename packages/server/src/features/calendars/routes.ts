import { Calendar, CalendarInput, CalendarPage } from '@crosspoint/contracts';
import { opensAt } from '@crosspoint/core';
import type { ApiContext, Routes } from '../../http/index.ts';
import { type NamedRow, namedRoutes } from '../named/index.ts';
import { inUse, readUses, type User, usersIn } from '../references/index.ts';
import { calendarFaults, hoursOf } from './calendars.ts';

/** Business hours that queues and flows share. */
export function calendarRoutes(context: ApiContext): Routes {
  return namedRoutes(context, {
    ...{ table: 'calendars', path: '/calendars', subject: 'calendar', tag: 'calendars' },
    permissions: { read: 'calendars.read', write: 'calendars.write' },
    ...{ input: CalendarInput, item: Calendar, page: CalendarPage },
    faults: (settings) => calendarFaults(hoursOf(settings), context.now()),
    usedBy: async (transaction, name) => {
      const users = usersIn(await readUses(transaction), { kind: 'calendar', name });
      return inUse(
        users,
        (words) => `The calendar "${name}" is used by ${words}. Give them other hours first.`,
      );
    },
    show: async (transaction, rows) => {
      const uses = await readUses(transaction);
      return rows.map((row) =>
        shown(row, usersIn(uses, { kind: 'calendar', name: row.name }), context.now()),
      );
    },
  });
}

function shown({ id, name, settings }: NamedRow, usedBy: readonly User[], now: number): object {
  const hours = hoursOf(settings);
  const { open, changesAt } = opensAt(hours, now);
  const openUntil = changesAt === null ? null : new Date(changesAt).toISOString();
  return { id, name, hours, usedBy, open, openUntil };
}
