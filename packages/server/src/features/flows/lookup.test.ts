import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { HttpLookup } from './lookup.ts';
import { AllowedNetworks } from './private-addresses.ts';

const loopback = new AllowedNetworks(['127.0.0.1']);
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function ask(
  url: string,
  more: object = {},
  lookup = new HttpLookup(loopback, () => 0),
  aborted = new AbortController().signal,
) {
  const defaults = { kind: 'http', method: 'GET', headers: {}, body: undefined, results: {} } as const;
  const request = { ...defaults, url, timeoutMs: 60_000, retries: 0, ...more };
  return lookup.ask(request, aborted);
}

const failed = (reason: string) => ({ result: 'failed', reason });

describe('look-ups of flows', () => {
  test('[IVR-01] values stand at their paths; what is not there is left out', async () => {
    const url = await serve((_request, response) =>
      response.end('{"a":{"b":[{"c":7}]},"list":[1],"yes":true,"nothing":null}'),
    );
    const results = { seven: 'a.b.0.c', yes: 'yes', list: 'list', no: 'nothing', length: 'list.length' };
    const proto = { proto: '__proto__.toString' };
    expect(await ask(url, { results: { ...results, ...proto } })).toEqual({
      result: 'done',
      values: { seven: 7, yes: true, length: 1 },
    });
  });

  test('[IVR-01] a mark of the order of bytes before the answer is left out', async () => {
    const url = await serve((_request, response) => response.end('\uFEFF{"a":"ě"}'));
    expect(await ask(url, { results: { a: 'a' } })).toEqual({ result: 'done', values: { a: 'ě' } });
  });

  test.each([
    ['[IVR-01] another status', 404, '{}', 'status-404'],
    ['[IVR-01] no JSON', 200, '<html>', 'not-json'],
    ['[IVR-01] too long an answer', 200, `"${'x'.repeat(300_000)}"`, 'answer-too-long'],
  ])('%s fails', async (_title, status, body, reason) => {
    const url = await serve((_request, response) => {
      response.statusCode = status;
      response.end(body);
    });
    expect(await ask(url)).toEqual(failed(reason));
  });

  test('[IVR-01] a time-out holds for the whole answer, and a 503 is tried again', async () => {
    let tries = 0;
    const slow = await serve((_request, response) => void response.write('{'));
    expect(await ask(slow, { timeoutMs: 300 })).toEqual(failed('timeout'));
    const shaky = await serve((_request, response) => {
      tries += 1;
      response.statusCode = tries < 3 ? 503 : 200;
      response.end('{}');
    });
    expect(await ask(shaky, { retries: 2 })).toEqual({ result: 'done', values: {} });
    expect(tries).toBe(3);
  });

  test('[IVR-01] after five failures a host is left alone, and tried again by one after its pause', async () => {
    let now = 0;
    let tries = 0;
    const lookup = new HttpLookup(loopback, () => now);
    const url = await serve((_request, response) => {
      tries += 1;
      response.statusCode = 500;
      response.end();
    });
    for (let call = 0; call < 7; call++) await ask(url, {}, lookup);
    expect(tries).toBe(5);
    expect(await ask(url, {}, lookup)).toEqual(failed('circuit-open'));
    now = 30_000;
    expect(await ask(url, {}, lookup)).toEqual(failed('status-500'));
    expect(await ask(url, {}, lookup)).toEqual(failed('circuit-open'));
  });

  test('[IVR-03] whose attempt was the one after which the host is left alone is told what it came to', async () => {
    const lookup = new HttpLookup(loopback, () => 0);
    const url = await serve((_request, response) => {
      response.statusCode = 500;
      response.end();
    });
    for (let call = 0; call < 4; call++) await ask(url, {}, lookup);
    expect(await ask(url, { retries: 2 }, lookup)).toEqual(failed('status-500'));
    expect(await ask(url, { retries: 2 }, lookup)).toEqual(failed('circuit-open'));
  });

  test('[IVR-01] a caller who hangs up while the host is tried again costs the next ones nothing', async () => {
    let now = 0;
    let isSilent = false;
    const asked = Promise.withResolvers<void>();
    const lookup = new HttpLookup(loopback, () => now);
    const url = await serve((_request, response) => {
      if (isSilent) return asked.resolve();
      response.statusCode = 500;
      response.end();
    });
    for (let call = 0; call < 5; call++) await ask(url, {}, lookup);
    now = 30_000;
    isSilent = true;
    const caller = new AbortController();
    const left = ask(url, {}, lookup, caller.signal);
    await asked.promise;
    caller.abort();
    expect(await left).toEqual(failed('aborted'));
    isSilent = false;
    expect(await ask(url, {}, lookup)).toEqual(failed('status-500'));
  });

  test('[IVR-01] a host that answers again is asked by everybody, also where it does not know the caller', async () => {
    let now = 0;
    let status = 500;
    const lookup = new HttpLookup(loopback, () => now);
    const url = await serve((_request, response) => {
      response.statusCode = status;
      response.end();
    });
    for (let call = 0; call < 5; call++) await ask(url, {}, lookup);
    now = 30_000;
    status = 404;
    for (let call = 0; call < 3; call++) expect(await ask(url, {}, lookup)).toEqual(failed('status-404'));
  });

  test.each([
    'http://127.0.0.2/',
    'http://127.1:8080/',
    'http://2130706434/',
    'http://0x7f.0.0.2/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
  ])('[IVR-01] the address %s of no public network is refused', async (url) => {
    const none = new HttpLookup(new AllowedNetworks([]), () => 0);
    expect(await ask(url, {}, none)).toEqual(failed('address-refused'));
  });

  test('[IVR-01] a name that leads inside the house is refused where it is resolved', async () => {
    const none = new HttpLookup(new AllowedNetworks([]), () => 0);
    expect(await ask('http://localhost:9/', {}, none)).toEqual(failed('address-refused'));
  });

  test('[IVR-01] a redirect is looked at like an address of its own, and takes no secrets to another host', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers['x-secret'] as string | undefined);
      response.end('{}');
    });
    const to = (location: string) =>
      serve((_request, response) => {
        response.writeHead(302, { location });
        response.end();
      });
    expect(await ask(await to('http://127.0.0.2/'))).toEqual(failed('address-refused'));
    expect(await ask(await to('ftp://127.0.0.1/'))).toEqual(failed('redirect-invalid'));
    expect(await ask(await to('/again'))).toEqual(failed('too-many-redirects'));
    expect(await ask(await to(other), { headers: { 'x-secret': 'a' } })).toMatchObject({ result: 'done' });
    expect(seen).toEqual([undefined]);
  });
});
