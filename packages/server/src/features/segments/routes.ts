import { Segment, SegmentInput, SegmentPage } from '@crosspoint/contracts';
import type { ApiContext, Routes } from '../../http/index.ts';
import { namedRoutes } from '../named/index.ts';
import { inUse, readUses, usersIn } from '../references/index.ts';
import { segmentOf } from './segments.ts';

/** Segments of customers, which rules, flows and queues ask for. */
export function segmentRoutes(context: ApiContext): Routes {
  return namedRoutes(context, {
    ...{ table: 'segments', path: '/segments', subject: 'segment', tag: 'segments' },
    permissions: { read: 'segments.read', write: 'segments.write' },
    ...{ input: SegmentInput, item: Segment, page: SegmentPage },
    usedBy: async (transaction, name) => {
      const users = usersIn(await readUses(transaction), { kind: 'segment', name });
      return inUse(users, (words) => `The segment "${name}" is used by ${words}. Take it out there first.`);
    },
    show: async (transaction, rows) => {
      const uses = await readUses(transaction);
      return rows.map((row) => ({
        id: row.id,
        ...segmentOf(row),
        usedBy: usersIn(uses, { kind: 'segment', name: row.name }),
      }));
    },
  });
}
