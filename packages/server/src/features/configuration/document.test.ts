import { describe, expect, test } from 'vitest';
import { readDocument } from './document.ts';

function errorsOf(text: string) {
  const read = readDocument(text);
  return read.ok ? [] : read.errors;
}

describe('reading the configuration document', () => {
  test('[API-01] an unknown key is reported where it stands', () => {
    const text = 'agents:\n  - username: alice\n    nmae: Alice\n';
    expect(errorsOf(text)).toEqual([
      {
        path: 'agents.0.nmae',
        message: 'is not known here',
        remedy: expect.stringMatching(/^Remove it, or use one of: username, name, /),
        line: 3,
        column: 5,
      },
    ]);
  });

  test('[API-01] a wrong type is reported at its value', () => {
    const text = 'queues:\n  - { name: support, ringTimeoutSeconds: soon }\n';
    expect(errorsOf(text)).toMatchObject([
      { path: 'queues.0.ringTimeoutSeconds', value: 'soon', line: 2, column: 42 },
    ]);
  });

  test('[API-01] something that is missing is reported at the thing that lacks it', () => {
    expect(errorsOf('agents:\n  - name: Alice\n')).toMatchObject([
      { path: 'agents.0.username', message: 'is missing', line: 2, column: 5 },
    ]);
  });

  test('[API-01] text that the database cannot hold is reported where it stands', () => {
    const remedy = 'Leave that character out.';
    expect(errorsOf('teams:\n  - { name: "a\\0b" }\n')).toMatchObject([
      { path: 'teams.0.name', value: 'a\0b', remedy, line: 2, column: 13 },
    ]);
    expect(errorsOf('agents:\n  - username: al\n    skills: { "x\\uD83D": 1 }\n')).toMatchObject([
      { path: 'agents.0.skills.x\ud83d', remedy, line: 3, column: 15 },
    ]);
  });

  test('[API-01] brackets without end are one error, not one for each of them', () => {
    expect(errorsOf(`agents: ${'['.repeat(5000)}${']'.repeat(5000)}`)).toMatchObject([
      { message: 'brackets are nested too deeply', line: 1 },
    ]);
  });

  test('[API-01] all errors of form are reported at once', () => {
    const text =
      'agents:\n  - { username: "two words" }\nqueue: []\nnumbers:\n  - { number: 700, target: { queue: a } }\n';
    expect(errorsOf(text).map((error) => [error.path, error.line])).toEqual([
      ['agents.0.username', 2],
      ['numbers.0.number', 5],
      ['queue', 3],
    ]);
  });

  test('[API-01] a number without quotes is explained', () => {
    const [error] = errorsOf('numbers:\n  - { number: 700, target: { queue: support } }\n');
    expect(error).toMatchObject({
      path: 'numbers.0.number',
      remedy: 'Put it in quotes: "700".',
      line: 2,
      column: 15,
    });
  });

  test('[API-01] broken YAML is reported where it breaks', () => {
    const [error] = errorsOf('agents:\n  - { username: alice\nqueues: []\n');
    expect(error?.line).toBeGreaterThanOrEqual(2);
    expect(error?.column).toBeGreaterThanOrEqual(1);
  });

  test('[API-01] the same key twice is reported at the second', () => {
    const [error] = errorsOf('queues:\n  - name: a\n    name: b\n');
    expect(error).toMatchObject({ message: 'the same key stands twice in one mapping', line: 3, column: 5 });
  });

  test('[API-01] JSON has lines and columns too', () => {
    const text = '{\n  "queues": [\n    { "name": "support", "maxSize": 0 }\n  ]\n}';
    expect(errorsOf(text)).toMatchObject([{ path: 'queues.0.maxSize', value: 0, line: 3, column: 37 }]);
  });

  test('[API-01] an agent of a queue with a wrong place is told apart from a wrong name', () => {
    const text = 'queues:\n  - name: support\n    agents:\n      - { username: alice, priority: 0 }\n';
    expect(errorsOf(text)).toMatchObject([{ path: 'queues.0.agents.0.priority', line: 4, column: 38 }]);
  });

  test('[OPS-05] a document that grows by aliases is refused', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(9)}]`,
    );
    const text = ['l0: &l0 [x,x,x,x,x,x,x,x,x]', ...levels].join('\n');
    expect(errorsOf(text)).toMatchObject([{ remedy: 'Write it out instead of using aliases.' }]);
  });

  test.each([
    ['a list in itself', 'queues: &q\n  - { name: a, agents: *q }\n', 2, 24],
    ['a mapping in itself', 'queues:\n  - &x { name: a, hours: { week: *x } }\n', 2, 34],
    ['an entry that is its list', 'queues: &q\n  - *q\n', 2, 5],
    ['through another one', 'x: &x\n  - &y [*x]\n  - *y\n', 2, 9],
  ])('[API-01] %s, by an alias, is refused where it stands', (_what, text, line, column) => {
    const message = expect.stringContaining('stands within what it stands for');
    expect(errorsOf(text)).toEqual([expect.objectContaining({ message, line, column })]);
  });

  test('[API-01] an alias for what stands before it, and a name given anew, are read', () => {
    const text =
      'queues:\n  - &a { name: a, agents: &g [x] }\n  - { name: b, agents: *g }\n  - &g { name: c, agents: [] }\n';
    expect(readDocument(text).ok).toBe(true);
  });

  test('[API-01] a second document is told in words', () => {
    expect(errorsOf('queues: []\n---\nqueues: []\n')).toMatchObject([
      { message: 'a second document begins, and only one is read', line: 2 },
    ]);
  });

  test('[API-01] an empty document is a document that says nothing', () => {
    expect(readDocument('').ok).toBe(true);
    expect(readDocument('# only a comment\n').ok).toBe(true);
  });

  test('[API-01] text that is no mapping is refused', () => {
    expect(errorsOf('just words')).toMatchObject([{ path: '', line: 1, column: 1 }]);
  });
});
