import { type Wallboard, WallboardInput, type WallboardTile } from '@crosspoint/contracts';
import { agentsOf, contactsToday, queueNow } from '#lib/features/board/links.ts';
import { m } from '#lib/paraglide/messages.js';

export type Arrangement = Omit<Wallboard, 'id' | 'owner'>;

/** What is shown where nobody has arranged anything: everything, the worst first. */
export const standardArrangement = (): Arrangement => WallboardInput.parse({ name: m.wallboard_standard() });

export const tileNames: Record<WallboardTile, () => string> = {
  waiting: m.kpi_waiting,
  'longest-wait': m.kpi_longest_wait,
  'service-level': m.kpi_service_level,
  ready: m.kpi_ready,
  talking: m.kpi_talking,
  'abandon-rate': m.kpi_abandoned,
  offered: m.kpi_offered,
  answered: m.kpi_answered,
  'average-handle': m.kpi_handle,
};

/** How many figures stand beside each other, and how large letters are, so that they are read from across the room. */
export const sizes: Record<Arrangement['size'], { columns: number; scale: number; name: () => string }> = {
  normal: { columns: 6, scale: 1, name: m.wallboard_size_normal },
  large: { columns: 4, scale: 1.35, name: m.wallboard_size_large },
  huge: { columns: 3, scale: 1.8, name: m.wallboard_size_huge },
};

/** Where a figure leads: to what it counts, of these queues (none for all). */
export function tileAddress(
  tile: WallboardTile,
  {
    today,
    queueIds,
    longestIn,
  }: { today: string; queueIds: readonly string[]; longestIn: string | undefined },
): string {
  switch (tile) {
    case 'waiting':
    case 'longest-wait':
      return queueNow(longestIn);
    case 'ready':
      return agentsOf(queueIds, { ready: true });
    case 'talking':
      return agentsOf(queueIds, { activity: ['on-contact', 'hold'] });
    case 'service-level':
      return contactsToday(today, queueIds, ['answered', 'abandoned']);
    case 'abandon-rate':
      return contactsToday(today, queueIds, ['abandoned']);
    case 'offered':
      return contactsToday(today, queueIds);
    case 'answered':
    case 'average-handle':
      return contactsToday(today, queueIds, ['answered']);
  }
}
