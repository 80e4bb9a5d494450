import { ConfigurationDocument } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agents, queues, supervisor, teams } from './company.ts';
import { type Existing, foundingDocument } from './founding.ts';

const nowMs = Date.parse('2026-11-22T11:20:00Z');
const nothing: Existing = { users: [], agents: [], teams: [], queues: [], numbers: [] };
const passwordOf = (username: string): string => `secret of ${username}`;

/** Names of the company in any mixture, with foreign ones and other capitals among them. */
const someOf = (names: readonly string[]) =>
  fc.uniqueArray(
    fc.oneof(
      fc.constantFrom(...names),
      fc.constantFrom(...names.map((name) => name.toUpperCase())),
      fc.stringMatching(/^[a-z]{3,8}$/),
    ),
    { selector: (name) => name.toLowerCase(), maxLength: 12 },
  );
const existing: fc.Arbitrary<Existing> = fc.record({
  users: someOf([supervisor.username]).map((names) => names.map((username) => ({ username }))),
  agents: someOf(agents.map(({ username }) => username)).map((names) =>
    names.map((username, index) => ({ username, extension: String(200 + index) })),
  ),
  teams: someOf(teams.map(({ name }) => name)).map((names) => names.map((name) => ({ name }))),
  queues: someOf(queues.flatMap(({ name }) => [name, `${name} (demo)`])).map((names) =>
    names.map((name) => ({ name })),
  ),
  numbers: fc.constantFrom([], [{ number: '700' }]),
});

describe('foundingDocument', () => {
  it('[DEMO-02] names nothing that exists, so that applying it only adds', () => {
    fc.assert(
      fc.property(existing, (before) => {
        const document = foundingDocument(before, passwordOf, nowMs);
        const people = [...before.users, ...before.agents].map(({ username }) => username.toLowerCase());
        const lower = (items: readonly { name: string }[]): string[] =>
          items.map(({ name }) => name.toLowerCase());
        for (const { username } of [...(document?.users ?? []), ...(document?.agents ?? [])]) {
          expect(people).not.toContain(username);
        }
        for (const name of lower(document?.queues ?? [])) expect(lower(before.queues)).not.toContain(name);
        for (const name of lower(document?.teams ?? [])) expect(lower(before.teams)).not.toContain(name);
        const extensions = new Set(before.agents.map(({ extension }) => extension));
        const given = (document?.agents ?? []).flatMap(({ extension }) => extension ?? []);
        expect(given.filter((extension) => extensions.has(extension))).toEqual([]);
      }),
    );
  });

  it('[DEMO-02] names only people and queues that exist or that it makes itself', () => {
    fc.assert(
      fc.property(existing, (before) => {
        const document = ConfigurationDocument.parse(foundingDocument(before, passwordOf, nowMs));
        const made = new Set([...document.users, ...document.agents].map(({ username }) => username));
        const members = [
          ...document.teams.flatMap((team) => team.members),
          ...document.queues.flatMap((queue) =>
            queue.agents.map((agent) => (typeof agent === 'string' ? agent : agent.username)),
          ),
        ];
        for (const member of members) expect(made).toContain(member);
        const queueNames = document.queues.map(({ name }) => name);
        expect(document.numbers.flatMap(({ target }) => ('queue' in target ? target.queue : []))).toEqual(
          queueNames,
        );
        expect(new Set(queueNames).size).toBe(queues.length);
      }),
    );
  });

  it('[DEMO-03] adds nothing when any number of the company is there', () => {
    for (const { number } of queues) {
      expect(foundingDocument({ ...nothing, numbers: [{ number }] }, passwordOf, nowMs)).toBeUndefined();
    }
  });

  it('[DEMO-02] leaves what somebody has made under the name of a thing of its own', () => {
    const named = (name: string) => [{ name }];
    const furnished: Existing = {
      ...nothing,
      ...{ calendars: named('service hours'), voicemailBoxes: named('Reception'), flows: named('RECEPTION') },
      ...{ scorecards: named('Quality of a conversation'), segments: named('frequent callers') },
      alertRules: named('missed offers'),
    };
    const document = foundingDocument(furnished, passwordOf, nowMs);
    expect(document).toMatchObject({
      calendars: [],
      voicemailBoxes: [],
      flows: [],
      segments: [],
    });
    expect(document?.scorecards?.map(({ name }) => name)).toEqual(['Service by the timeline']);
    expect(document?.alertRules).toHaveLength(1);
    expect(document?.numbers).toHaveLength(5);
    const numbered = { ...nothing, numbers: [{ number: '+420555000200' }] };
    expect(foundingDocument(numbered, passwordOf, nowMs)?.numbers).toHaveLength(5);
  });

  it('[DEMO-02] leaves rules and meetings of somebody else as they are, and no number leads to rules then', () => {
    const theirs: Existing = { ...nothing, rules: [{}], conferences: [{ name: 'monday ROUND' }] };
    const document = foundingDocument(theirs, passwordOf, nowMs);
    expect(document?.rules).toBeUndefined();
    expect(document?.numbers).not.toContainEqual(expect.objectContaining({ target: { rules: true } }));
    expect(document?.conferences?.map(({ name }) => name)).toEqual(['Invoices of the week']);
  });

  it('[DEMO-04] describes a whole company on an empty server', () => {
    const document = ConfigurationDocument.parse(foundingDocument(nothing, passwordOf, nowMs));
    expect(document.agents).toHaveLength(10);
    expect(document.queues.map(({ name }) => name)).toEqual(['Support', 'Billing', 'Soporte ES']);
    expect(document.numbers.slice(3).map(({ target }) => target)).toEqual([
      { flow: 'Reception' },
      { rules: true },
      { conferences: 'en' },
    ]);
    expect(document.rules?.map(({ name }) => name)).toEqual([
      'From Spain',
      'Frequent callers of the house',
      'Invoices for Great Britain',
      'Everybody else',
    ]);
    expect(document.scorecards).toHaveLength(2);
    expect(document.conferences.map(({ name, moderators }) => [name, moderators])).toEqual([
      ['Monday round', ['martina.prochazkova']],
      ['Invoices of the week', ['martina.prochazkova']],
    ]);
    expect(document.agents[0]?.sip?.password).toBe('secret of jana.novakova');
    for (const queue of document.queues) expect(queue.agents.length).toBeGreaterThanOrEqual(4);
  });
});
