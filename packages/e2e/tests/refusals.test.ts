import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { patienceMs, RegistrationError, within } from '@crosspoint/sim/phones';
import { useWorld } from '../src/index.ts';

const world = useWorld();

/** Sends one datagram from a socket of its own and returns the first answer. */
async function ask(text: string): Promise<string> {
  const socket = createSocket('udp4');
  try {
    const { address, port } = world().product.sip;
    const answered = new Promise<string>((resolve, reject) => {
      socket.once('message', (bytes) => resolve(bytes.toString('utf8')));
      socket.once('error', reject);
    });
    await new Promise<void>((resolve) => {
      socket.bind(0, '127.0.0.1', resolve);
    });
    socket.send(
      text.replaceAll('\n', '\r\n').replaceAll('PORT', String(socket.address().port)),
      port,
      address,
    );
    return await within('an answer', patienceMs, answered);
  } finally {
    socket.close();
  }
}

function request(method: string, extra: readonly string[] = []): string {
  const branch = `z9hG4bK${Math.floor(performance.now() * 1000)}`;
  return [
    `${method} sip:127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:PORT;rport;branch=${branch}`,
    'Max-Forwards: 70',
    'From: <sip:test@127.0.0.1>;tag=1',
    'To: <sip:127.0.0.1>',
    `Call-ID: ${branch}`,
    `CSeq: 1 ${method}`,
    ...extra,
    'Content-Length: 0',
    '',
    '',
  ].join('\n');
}

test('[CAR-01] a wrong SIP password is refused, and so is an unknown user, with the same answer', async () => {
  const scene = await world().scene({ staffed: false });
  const { username } = scene.agent(1);
  const wrong = await world().phone({ username, password: 'wrong' });
  const unknown = await world().phone({ username: 'nobody', password: 'wrong' });
  const [first, second] = await Promise.all(
    [wrong, unknown].map((phone) => phone.register().catch((error: unknown) => error)),
  );
  expect(first).toBeInstanceOf(RegistrationError);
  expect(second).toBeInstanceOf(RegistrationError);
  expect([401, 403]).toContain((first as RegistrationError).status);
  expect((second as RegistrationError).status).toBe((first as RegistrationError).status);
  await scene.agent(1).phone.register();
  await scene.agentIs(scene.agent(1), 'reachable', ({ devices }) =>
    devices.some(({ reachable }) => reachable),
  );
});

test('[CAR-01] an unknown number is answered 404', async () => {
  const caller = await world().phone({ username: '+420777000000' });
  const call = await caller.call('+420999999999');
  expect(await call.ended()).toMatchObject({ by: 'remote', status: 404 });
});

test('[CAR-02] a call without a codec in common is answered 488', async () => {
  const scene = await world().scene();
  const caller = await scene.caller({ codecs: ['G729'] });
  const call = await caller.call(scene.number);
  expect(await call.ended()).toMatchObject({ by: 'remote', status: 488 });
  await scene.statsAre({ offered: 0, waiting: 0 });
});

test('[CAR-01] OPTIONS is answered 200, an unknown method 405 with Allow, an unknown extension 420', async () => {
  expect(await ask(request('OPTIONS'))).toMatch(/^SIP\/2\.0 200 /);
  const unknown = await ask(request('FROBNICATE'));
  expect(unknown).toMatch(/^SIP\/2\.0 (405|501) /);
  expect(unknown).toMatch(/^Allow: .*INVITE/m);
  const extension = await ask(request('OPTIONS', ['Require: no-such-extension']));
  expect(extension).toMatch(/^SIP\/2\.0 420 /);
  expect(extension).toMatch(/^Unsupported: no-such-extension/m);
});

test('[CAR-01] a request in a dialog that does not exist is answered 481', async () => {
  const bye = request('BYE').replace('To: <sip:127.0.0.1>', 'To: <sip:127.0.0.1>;tag=unknown');
  expect(await ask(bye)).toMatch(/^SIP\/2\.0 481 /);
});

test('[CAR-01] malformed SIP is answered 400 where it can be answered, and stops nothing', async () => {
  const { address, port } = world().product.sip;
  const broken = request('INVITE').replace('CSeq: 1 INVITE', 'CSeq: minus one');
  expect(await ask(broken)).toMatch(/^SIP\/2\.0 400 /);
  const socket = createSocket('udp4');
  const nonsense = [
    '',
    '\r\n\r\n',
    '\0'.repeat(2_000),
    'INVITE',
    'SIP/2.0 200 OK\r\n\r\n',
    `INVITE ${'x'.repeat(60_000)}`,
  ];
  for (const text of nonsense) {
    await new Promise<void>((resolve, reject) => {
      socket.send(text, port, address, (error) => (error === null ? resolve() : reject(error)));
    });
  }
  socket.close();
  const stream = connect(port, address);
  const closed = new Promise<void>((resolve) => {
    stream.once('close', () => resolve());
  });
  stream.on('error', () => stream.destroy());
  stream.write('x'.repeat(200_000));
  await within('the server to close a stream of nonsense', patienceMs, closed);
  expect(await ask(request('OPTIONS'))).toMatch(/^SIP\/2\.0 200 /);
  const scene = await world().scene();
  const { customer } = await scene.connect();
  await customer.sound.ear.hears(700);
});
