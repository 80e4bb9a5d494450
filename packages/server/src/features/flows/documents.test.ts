import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const headers = { 'content-type': 'application/yaml' };
const send = (body: string, method = 'POST', path = '/ivr/flows') =>
  api.as.admin.send(method, path, { body, headers });
const hello = `name: by text
start: hello
nodes:
  hello: { kind: say, prompt: [{ text: { en: Hello. } }], next: bye }
  bye: { kind: end }
`;

test('[IVR-08] a flow is added and replaced by the YAML that its export gives back', async () => {
  const added = await send(hello);
  expect(added.status, added.text).toBe(201);
  const { id } = added.body;
  const exported = await api.as.admin.get(`/ivr/flows/${id}/export?format=yaml`);
  const same = await send(exported.text, 'PUT', `/ivr/flows/${id}`);
  expect(same, same.text).toMatchObject({ status: 200, body: { draft: added.body.draft } });
});

test('[IVR-08] broken YAML of a flow is refused with line and column, unknown things with their path', async () => {
  const broken = await send(hello.replace('kind: end }', 'kind: end'));
  expect(broken).toMatchObject({ status: 400, body: { code: 'body-unreadable', errors: [{ line: 6 }] } });
  const twice = await send(`${hello}start: bye\n`);
  expect(twice).toMatchObject({ status: 400, body: { errors: [{ line: 6, column: 1 }] } });
  const [x8, flow] = [(name: string) => Array(8).fill(name).join(','), hello];
  const bomb = `a: &a [${x8('x')}]\nb: &b [${x8('*a')}]\nc: &c [${x8('*b')}]\nd: [${x8('*c')}]\n${flow}`;
  expect(await send(bomb)).toMatchObject({ status: 400, body: { code: 'body-unreadable' } });
  const endless = await send(hello.replace('{ kind: end }', '&bye { kind: end, prompt: [*bye] }'));
  expect(endless).toMatchObject({ status: 400, body: { errors: [{ line: 5, column: 35 }] } });
  const unknown = await send(hello.replace('kind: end', 'kind: ends'));
  expect(unknown).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'nodes.bye.kind', line: 5, column: 16 }] },
  });
  for (const nothing of ['', '- a', 'word', '5']) {
    expect((await send(nothing)).status, nothing).toBe(400);
  }
});
