import type { Point } from './document.ts';

/**
 * How the lines between steps run: along the grid, round every card, each target in a lane of its own so that lines to different steps
 * stay apart where they run side by side. Nothing here knows of the screen.
 */

/** A step as an obstacle. */
export interface Card extends Point {
  width: number;
  height: number;
}

/** A line from the right edge of one card to the left edge of another. */
export interface WayEnds {
  from: Point;
  to: Point;
  /** Lines of the same number run in the same lane; up to `lanes` of them are told apart. */
  lane: number;
}

/** A line comes so near to a card it passes. */
const clearance = 6;
const nearestAside = 9;
const laneApart = 4;
const lanes = 4;
const cornerRadius = 6;
const arrowLength = 8;
const arrowHalf = 4.5;

/** The corners of a line, its ends included. */
export function routed({ from, to, lane }: WayEnds, cards: readonly Card[]): Point[] {
  const aside = nearestAside + (lane % lanes) * laneApart;
  const last = to.x - aside;
  const isForth = last >= from.x;
  const points: Point[] = [from];
  // A line that leads back leaves its step to the right first, as every line does.
  const first = isForth ? from.x : from.x + aside;
  points.push({ x: first, y: from.y });
  const y = sweep(points, { to: last, goal: to.y, aside, direction: isForth ? 1 : -1 }, cards);
  points.push({ x: last, y }, { x: last, y: to.y }, to);
  return withoutNeedless(points);
}

interface Course {
  /** How far across. */
  to: number;
  /** The height it wants to come to. */
  goal: number;
  aside: number;
  direction: 1 | -1;
}

/** Goes across and gives way to each card in its path, up or down, whichever is nearer to where it goes. */
function sweep(points: Point[], { to, goal, aside, direction }: Course, cards: readonly Card[]): number {
  let { x, y } = points.at(-1) as Point;
  // Each turn passes one card for good, so there are no more turns than cards.
  for (let turns = 0; turns < cards.length; turns += 1) {
    const card = firstInPath(cards, x, to, y);
    if (card === undefined) break;
    const before = direction === 1 ? card.x - aside : card.x + card.width + aside;
    const turnX = direction === 1 ? Math.max(x, before) : Math.min(x, before);
    const band = { from: card.x - aside, to: card.x + card.width + aside };
    const up = freeHeight(cards, card, band, aside, -1);
    const down = freeHeight(cards, card, band, aside, 1);
    const cost = (height: number): number => Math.abs(height - y) + Math.abs(height - goal);
    const next = cost(up) <= cost(down) ? up : down;
    points.push({ x: turnX, y }, { x: turnX, y: next });
    x = turnX;
    y = next;
  }
  return y;
}

const isBeside = ({ y: top, height }: Card, y: number): boolean =>
  y > top - clearance && y < top + height + clearance;

/** The first card that a level line from one place across to another runs into. */
function firstInPath(cards: readonly Card[], from: number, to: number, y: number): Card | undefined {
  let first: Card | undefined;
  for (const card of cards) {
    const right = card.x + card.width;
    const isAhead = to >= from ? card.x >= from && card.x < to : right <= from && right > to;
    if (!isAhead || !isBeside(card, y)) continue;
    const isNearer = first === undefined || (to >= from ? card.x < first.x : right > first.x + first.width);
    if (isNearer) first = card;
  }
  return first;
}

/** The nearest height above or below a card at which a level line passes it and its neighbours in that band. */
function freeHeight(
  cards: readonly Card[],
  card: Card,
  band: { from: number; to: number },
  aside: number,
  direction: 1 | -1,
): number {
  const beyond = ({ y, height }: Card): number => (direction === 1 ? y + height + aside : y - aside);
  const neighbours = cards
    .filter(({ x, width }) => x < band.to && x + width > band.from)
    .toSorted((one, other) =>
      direction === 1 ? one.y - other.y : other.y + other.height - one.y - one.height,
    );
  let height = beyond(card);
  // Sorted as they are met, so one pass finds the gap.
  for (const neighbour of neighbours) if (isBeside(neighbour, height)) height = beyond(neighbour);
  return height;
}

/** Without corners that are none. */
function withoutNeedless(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const [before, last] = [kept.at(-2), kept.at(-1)];
    if (last !== undefined && last.x === point.x && last.y === point.y) continue;
    const isStraight =
      before !== undefined &&
      last !== undefined &&
      ((before.x === last.x && last.x === point.x) || (before.y === last.y && last.y === point.y));
    if (isStraight) kept.pop();
    kept.push(point);
  }
  return kept;
}

/** The line as SVG draws it, its corners rounded. */
export function linePath(points: readonly Point[]): string {
  const [start] = points;
  if (start === undefined) return '';
  const parts = [`M${start.x} ${start.y}`];
  for (const [index, point] of points.entries()) {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (before === undefined) continue;
    if (after === undefined) parts.push(`L${point.x} ${point.y}`);
    else parts.push(corner(before, point, after));
  }
  return parts.join('');
}

function corner(before: Point, point: Point, after: Point): string {
  const radius = Math.min(cornerRadius, distance(before, point) / 2, distance(point, after) / 2);
  const start = towards(point, before, radius);
  const end = towards(point, after, radius);
  return `L${start.x} ${start.y}Q${point.x} ${point.y} ${end.x} ${end.y}`;
}

/** Lines run along the grid, so one of the two is zero. */
const distance = (one: Point, other: Point): number => Math.abs(one.x - other.x) + Math.abs(one.y - other.y);

const towards = (from: Point, to: Point, by: number): Point => ({
  x: from.x + Math.sign(to.x - from.x) * by,
  y: from.y + Math.sign(to.y - from.y) * by,
});

/** The head of the arrow at the end of a line, which comes from the left. */
export function arrowPath({ x, y }: Point): string {
  return `M${x} ${y}l${-arrowLength} ${-arrowHalf}v${arrowHalf * 2}z`;
}

/** Which of the lines passes nearest to a point, within that reach. */
export function nearestWay<Way extends { points: readonly Point[] }>(
  ways: Iterable<Way>,
  point: Point,
  reach: number,
): Way | undefined {
  let nearest: Way | undefined;
  let least = reach;
  for (const way of ways) {
    for (const [index, end] of way.points.entries()) {
      const start = way.points[index - 1];
      const apart = start === undefined ? Number.POSITIVE_INFINITY : awayFrom(point, start, end);
      if (apart > least) continue;
      least = apart;
      nearest = way;
    }
  }
  return nearest;
}

/** How far a point lies from a stretch of a line, which is level or upright. */
function awayFrom({ x, y }: Point, start: Point, end: Point): number {
  const across = Math.max(Math.min(start.x, end.x) - x, x - Math.max(start.x, end.x), 0);
  const down = Math.max(Math.min(start.y, end.y) - y, y - Math.max(start.y, end.y), 0);
  return Math.hypot(across, down);
}
