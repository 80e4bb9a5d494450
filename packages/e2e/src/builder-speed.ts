/**
 * `npm run builder-speed -w @crosspoint/e2e`: how long the page of the flow builder works on each frame while somebody drags a step, moves
 * the canvas and zooms, in a flow of 300 steps; by Chromium's own trace. Issue 6 wants less than 16 ms.
 */
import type { Flow, FlowDocumentInput } from '@crosspoint/contracts';
import type { CDPSession, Page } from 'playwright-core';
import { ConsoleWindow, launchChromium } from './browser/index.ts';
import { World } from './world.ts';

const steps = 300;
const moves = 30;
const movePauseMs = 16;
/** A busy machine takes its time to draw the first picture. */
const openTimeoutMs = 60_000;

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

/** Menus of nine keys, each leading to eight that speak and to the next menu. */
function longFlow(name: string): FlowDocumentInput {
  const nodes: FlowDocumentInput['nodes'] = { bye: { kind: 'end' } };
  const menus = Math.ceil(steps / 9);
  let count = 1;
  for (let menu = 0; menu < menus && count < steps; menu++) {
    const keys: Record<string, string> = {};
    for (let key = 1; key <= 8 && count < steps - 1; key++) {
      const say = `say-${menu}-${key}`;
      nodes[say] = { kind: 'say', prompt: [{ text: { en: `Words ${key} of menu ${menu}.` } }], next: 'bye' };
      keys[key] = say;
      count++;
    }
    const next = menu + 1 < menus ? `menu-${menu + 1}` : 'bye';
    keys['9'] = next;
    nodes[`menu-${menu}`] = {
      kind: 'menu',
      prompt: [{ text: { en: `Menu ${menu}: press a key.` } }],
      keys,
      otherwise: 'bye',
    };
    count++;
  }
  return { name, language: 'en', start: 'menu-0', nodes };
}

/** Milliseconds of work of the page's main thread for each frame while `doing` goes on. */
async function workPerFrame(session: CDPSession, doing: () => Promise<void>): Promise<number[]> {
  const events: TraceEvent[] = [];
  const collect = ({ value }: { value: unknown[] }): void => void events.push(...(value as TraceEvent[]));
  session.on('Tracing.dataCollected', collect);
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      includedCategories: [
        'toplevel',
        'devtools.timeline',
        'devtools.timeline.frame',
        'disabled-by-default-devtools.timeline',
        'disabled-by-default-devtools.timeline.frame',
      ],
    },
  });
  await doing();
  const { promise, resolve } = Promise.withResolvers<void>();
  session.once('Tracing.tracingComplete', () => resolve());
  await session.send('Tracing.end');
  await promise;
  session.off('Tracing.dataCollected', collect);
  return framesOf(events);
}

/** CPU time, so that what else this machine does is not counted; wall-clock time where the trace has no other. */
function framesOf(events: readonly TraceEvent[]): number[] {
  const tasks = events.filter(({ name, ph }) => name === 'RunTask' && ph === 'X');
  // Chromium writes the first or the second, as its version has it.
  const marks = ['BeginMainThreadFrame', 'Commit'].map((mark) => events.filter(({ name }) => name === mark));
  const begins = marks.find(({ length }) => length > 0) ?? [];
  const [first] = begins;
  if (first === undefined) return [];
  const starts = begins
    .filter(({ pid, tid }) => pid === first.pid && tid === first.tid)
    .map(({ ts }) => ts)
    .toSorted((a, b) => a - b);
  const frames = starts.map(() => 0);
  for (const { pid, tid, ts, dur = 0, tdur = dur } of tasks) {
    if (pid !== first.pid || tid !== first.tid || ts + dur < (starts[0] as number)) continue;
    // A task belongs to the frame that it contains, or to the one before it.
    const frame = starts.findLastIndex((start) => start <= ts + dur);
    frames[frame] = (frames[frame] ?? 0) + tdur / 1_000;
  }
  return frames;
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);

const at = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN)
    .toFixed(1)
    .padStart(6);

function print(what: string, frames: readonly number[]): void {
  const sorted = frames.toSorted((a, b) => a - b);
  const late = frames.filter((ms) => ms > 16).length;
  write(
    `${what.padEnd(24)} p50 ${at(sorted, 0.5)}  p95 ${at(sorted, 0.95)}  max ${at(sorted, 1)} ms` +
      `  above 16 ms: ${late} of ${frames.length}`,
  );
}

async function drag(page: Page, from: { x: number; y: number }): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (let move = 1; move <= moves; move++) {
    await page.mouse.move(from.x + move * 3, from.y + Math.sin(move / 6) * 60);
    await page.waitForTimeout(movePauseMs);
  }
  await page.mouse.up();
}

async function zoom(page: Page): Promise<void> {
  await page.mouse.move(700, 450);
  for (let move = 0; move < moves; move++) {
    await page.mouse.wheel(0, move < moves / 2 ? -60 : 60);
    await page.waitForTimeout(movePauseMs);
  }
}

async function middleOf(page: Page, selector: string): Promise<{ x: number; y: number }> {
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`${selector} is not on the screen.`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

const world = await World.start();
const browser = await launchChromium();
try {
  const flow = await world.api.request<Flow>('POST', '/ivr/flows', longFlow('long'));
  const opened = await ConsoleWindow.open(browser, world.product, { width: 1600, height: 900 });
  await opened.login();
  await opened.goTo(`/operations/ivr/builder?flow=${flow.id}`);
  await opened.page.locator('[data-node="menu-0"]').waitFor({ timeout: openTimeoutMs });
  const session = await opened.page.context().newCDPSession(opened.page);
  const { page } = opened;
  write(`${Object.keys(flow.draft.nodes).length} steps; milliseconds of CPU of the page for each frame`);
  for (const view of ['as it opens', 'all of it'] as const) {
    if (view === 'all of it') await page.getByRole('button', { name: 'Show everything' }).click();
    print(
      `drag, ${view}`,
      await workPerFrame(session, async () => drag(page, await middleOf(page, '[data-node="menu-0"]'))),
    );
    print(`move the canvas, ${view}`, await workPerFrame(session, () => drag(page, { x: 560, y: 820 })));
    print(`zoom, ${view}`, await workPerFrame(session, () => zoom(page)));
  }
  if (opened.errors.length > 0) write(opened.errors.join('\n'));
} finally {
  await browser.close();
  await world.stop();
}
