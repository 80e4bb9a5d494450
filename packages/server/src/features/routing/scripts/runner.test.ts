import type { ScriptContact, ScriptRun } from '@crosspoint/core';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { ScriptRunner } from './runner.ts';

/** The limits of computing stand; those of waiting are wide, because a test shares its machine. */
const runner = new ScriptRunner({ answerMaxMs: 20_000, waitMaxMs: 20_000 });
afterAll(() => runner.close());

const contact: ScriptContact = {
  ...{ caller: '+420555000111', callerName: 'Eva', dialled: '700', trunk: 'carrier-a', country: 'CZ' },
  ...{
    language: 'cs',
    history: null,
    segments: [],
    variables: { tier: 'gold' },
    now: Date.parse('2026-03-02T09:30:00Z'),
  },
  ...{ queues: { sales: { waiting: 3, ready: null } }, open: { office: true } },
};
const run = (source: string): Promise<ScriptRun> => runner.run({ source, contact });
const valueOf = async (source: string) => {
  const result = await run(source);
  expect(result).toMatchObject({ ok: true });
  return result.ok ? result.value : undefined;
};
const failureOf = async (source: string) => {
  const result = await run(source);
  return result.ok ? `no failure: ${JSON.stringify(result.value)}` : result.message;
};

describe('a script', () => {
  test('[RTE-04] sees the contact and gives back where it goes', async () => {
    expect(await valueOf(`return { queue: contact.variables.tier === 'gold' ? 'vip' : 'sales' };`)).toEqual({
      queue: 'vip',
    });
    expect(await valueOf('return contact.queues.sales.waiting > 2 && contact.open.office;')).toBe(true);
    expect(await valueOf('if (contact.history) return true;')).toBeUndefined();
  });

  test('[RTE-04] knows no time but the instant of the decision, and no chance', async () => {
    const source = 'return [Date.now(), new Date().toISOString(), typeof Math.random];';
    expect(await valueOf(source)).toEqual([contact.now, '2026-03-02T09:30:00.000Z', 'undefined']);
    const wayRound = `
      class Later extends Date {}
      const { constructor } = new Date();
      const made = [Object.getPrototypeOf(Date), constructor, Later, Object.getPrototypeOf(Later)];
      return made.map((each) => [each.now?.() ?? null, each === Function.prototype ? null : new each().getTime()]);`;
    const still = [contact.now, contact.now];
    expect(await valueOf(wayRound)).toEqual([[null, null], still, still, still]);
    const others =
      'return [new Date(5).getTime(), Date.UTC(2026, 0), new Date(0) instanceof Date, typeof Date(), Date.name];';
    expect(await valueOf(others)).toEqual([5, Date.UTC(2026, 0), true, 'string', 'Date']);
  });

  test('[RTE-04] finds neither network nor files nor timers nor what another script left', async () => {
    const names = ['fetch', 'require', 'process', 'setTimeout', 'XMLHttpRequest', 'WebSocket', 'std', 'os'];
    expect(await valueOf(`return [${names.map((name) => `typeof ${name}`).join(', ')}];`)).toEqual(
      names.map(() => 'undefined'),
    );
    await run('globalThis.left = 1; Array.prototype.evil = 1;');
    expect(await valueOf('return [typeof left, [].evil ?? null];')).toEqual(['undefined', null]);
    expect(await failureOf(`return import('fs');`)).toMatch(/promise|Error/);
    expect(await failureOf('contact.caller = "x";')).toMatch(/^line 1: TypeError: /);
  });

  test.each([
    ['throws', '\nreturn contact.history.contacts;', /^line 2: TypeError: cannot read property/],
    ['promises an answer', 'return Promise.resolve(true);', /^gave back a promise; it has to decide at once/],
    ['promises one for ever', 'return new Promise(() => {});', /^gave back a promise/],
    ['promises none', 'return Promise.reject(1);', /^gave back a promise/],
    ['throws a text', 'throw "no";', /^threw no$/],
    [
      'throws what only looks like an error',
      'throw { name: { toString: 1 }, stack: null };',
      /^threw \{"name"/,
    ],
    [
      'nests deeper than the engine bears',
      'return JSON.parse("[".repeat(1e6));',
      /stack|memory|in time|Syntax/i,
    ],
    ['cannot be read', 'return 1;\nlet = ;', /^line 2: SyntaxError: /],
    ['would leave its function', 'return true; }); (function () {', /./],
    ['loops', 'while (true) {}', /^did not come to an end in time$/],
    ['loops and catches', 'for (;;) { try { for (;;) {} } catch {} }', /^did not come to an end in time$/],
    ['calls itself for ever', 'const f = () => f(); return f();', /stack|memory|in time/i],
    ['eats memory', 'const a = []; for (;;) a.push(new Array(1e5).fill(1));', /memory|in time/],
    ['gives back too much', 'return "x".repeat(1e5);', /more than a list|in time/],
  ])('[RTE-04] that %s fails with a reason', async (_what, source, message) => {
    expect(await failureOf(source)).toMatch(message);
    expect(await valueOf('return 1;')).toBe(1);
  });

  test.each([
    ['another JSON.stringify', 'JSON.stringify = () => "{"; return [{ queue: "sales" }];'],
    ['no JSON', 'globalThis.JSON = undefined; return [{ queue: "sales" }];'],
    ['another Array', 'Array.prototype.map = 1; globalThis.Array = null; return [{ queue: "sales" }];'],
    ['another Object', 'Object.prototype.queue = "vip"; Object.freeze = null; return [{ queue: "sales" }];'],
  ])('[RTE-04] that puts %s in its place changes only itself, and costs no worker', async (_what, source) => {
    expect(await valueOf(source)).toEqual([{ queue: 'sales' }]);
    expect(await valueOf('return JSON.stringify({}) + [1].map((n) => n).length;')).toBe('{}1');
  });

  test('[RTE-04] writes a log, within limits', async () => {
    const { log } = await run(`console.log('tier', contact.variables); return true;`);
    expect(log).toEqual(['tier {"tier":"gold"}']);
    expect((await run('for (let i = 0; i < 500; i++) console.log(i);')).log).toHaveLength(50);
  });

  test('[RTE-04] beyond those that may wait is refused at once', async () => {
    const results = await Promise.all(Array.from({ length: 130 }, () => run('return 1;')));
    const refused = results.filter((each) => !each.ok && each.message === 'too many scripts wait');
    expect(refused.length).toBeGreaterThan(0);
    expect(results.filter(({ ok }) => ok).length).toBe(130 - refused.length);
  });

  test('[RTE-04] that cannot be stopped from within ends with its worker, and another one goes on', async () => {
    const strict = new ScriptRunner({ answerMaxMs: 45, waitMaxMs: 20_000 });
    const source = 'return /^(a+)+$/.test("a".repeat(60) + "b");';
    expect(await strict.run({ source, contact })).toMatchObject({ ok: false });
    const next = await strict.run({ source: 'return 1;', contact });
    expect(next.ok || next.message).toBeOneOf([
      true,
      'did not come to an end in time, and its worker was ended',
    ]);
    strict.close();
  });

  test('[RTE-04] that had to be ended is replaced before another call needs its worker', async () => {
    const warm = new ScriptRunner({ answerMaxMs: 45, waitMaxMs: 20_000 });
    warm.warm();
    const both = () => vi.waitFor(() => expect(warm.ready).toBe(2), { timeout: 90_000 });
    await both();
    const endless = 'return /^(a+)+$/.test("a".repeat(60) + "b");';
    const [ended] = await Promise.all([warm.run({ source: endless, contact }), both()]);
    expect(ended).toMatchObject({ ok: false });
    warm.close();
    expect(warm.ready).toBe(0);
  });

  test('[RTE-04] that is stopped when the server stops says so', async () => {
    const closing = new ScriptRunner();
    const pending = closing.run({ source: 'return 1;', contact });
    closing.close();
    expect(await pending).toMatchObject({ ok: false, message: 'the server stops' });
    expect(await closing.run({ source: 'return 1;', contact })).toMatchObject({ ok: false });
  });
});
