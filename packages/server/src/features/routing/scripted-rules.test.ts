import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
});
afterAll(() => api.close());

const target = { number: '+420800123456' };
const rule = (name: string, script: string | null) => ({ name, script, targets: [{ to: target }] });
const add = (body: object) => admin.send('POST', '/routing/rules', { body });

describe('rules with a script', () => {
  test('[RTE-04] are refused with the line when they cannot run, also in the document', async () => {
    const refused = await add(rule('broken', 'const a = 1;\nreturn b;'));
    expect(refused, refused.text).toMatchObject({
      ...{ status: 400, body: { code: 'validation-failed' } },
      body: { errors: [{ path: 'script', message: `line 2: ReferenceError: 'b' is not defined` }] },
    });
    const document = 'rules:\n  - { name: a, script: "while (true) {}", targets: [ { to: { end: true } } ] }';
    const applied = await admin.send('POST', '/configuration', { body: { document } });
    expect(applied.body.errors).toMatchObject([{ path: 'rules.0.script', line: 2 }]);
  });

  test('[RTE-04] are tried with their log, and the next rule takes what they leave or fail at', async () => {
    const script = `
      console.log('called by', contact.caller);
      if (contact.variables.tier === 'gold') return { number: '+420800999888' };
      if (contact.variables.tier === 'none') return contact.variables.none.at;`;
    expect((await add(rule('by tier', script))).status).toBe(201);
    expect((await add(rule('rest', null))).status).toBe(201);
    const decide = async (variables: object) => {
      const sample = { caller: '+420777000111', variables };
      return (await admin.send('POST', '/routing/test', { body: { sample } })).body;
    };
    expect(await decide({ tier: 'gold' })).toMatchObject({
      ...{ ruleName: 'by tier', target: { number: '+420800999888' } },
      tried: [{ result: 'taken', log: ['called by +420777000111'] }],
    });
    expect(await decide({})).toMatchObject({ ruleName: 'rest', tried: [{ result: 'script-passed' }, {}] });
    const failed = await decide({ tier: 'none' });
    expect(failed).toMatchObject({ ruleName: 'rest', tried: [{ result: 'script-failed' }, {}] });
    expect(failed.reason).toContain('The script of "by tier" failed: line 3: TypeError');
  });
});
