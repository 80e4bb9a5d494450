import { z } from 'zod';
import { QueueId, UserId, WallboardId } from './ids.ts';
import { pageOf } from './pages.ts';

/** The figures that a wallboard can show large. */
export const WallboardTile = z.enum([
  'waiting',
  'longest-wait',
  'service-level',
  'ready',
  'talking',
  'abandon-rate',
  'offered',
  'answered',
  'average-handle',
]);
export type WallboardTile = z.infer<typeof WallboardTile>;

export const WallboardSize = z.enum(['normal', 'large', 'huge']);
export type WallboardSize = z.infer<typeof WallboardSize>;

const distinct = (list: readonly string[]) => new Set(list).size === list.length;
const arrangement = {
  name: z.string().trim().min(1).max(100),
  /** Who has its link may look at it; otherwise only who made it. */
  shared: z.boolean().default(false),
  /** In this order; empty for all, the worst first. */
  queueIds: z.array(QueueId).max(50).refine(distinct, 'names a queue twice').default([]),
  /** In this order, at most as many as stand beside each other. */
  tiles: z
    .array(WallboardTile)
    .max(WallboardTile.options.length)
    .refine(distinct, 'names a figure twice')
    .default(['waiting', 'longest-wait', 'service-level', 'ready', 'talking', 'abandon-rate']),
  size: WallboardSize.default('normal'),
  showQueues: z.boolean().default(true),
  showStates: z.boolean().default(true),
};

/** What a screen on the wall shows: which figures and queues, in which order, how large. */
export const WallboardInput = z.strictObject(arrangement);
export type WallboardInput = z.input<typeof WallboardInput>;

export const Wallboard = z
  .object({ id: WallboardId, owner: z.object({ id: UserId, name: z.string() }), ...arrangement })
  .meta({ id: 'Wallboard' });
export type Wallboard = z.infer<typeof Wallboard>;
export const WallboardPage = pageOf(Wallboard);
