import { expect, test } from 'vitest';
import { besiege, callerToneHz, freeTcpPort, processInfo, until, useWorld } from '../src/index.ts';

const tlsPort = await freeTcpPort();
const world = useWorld({ env: { CROSSPOINT_SIP_TLS_PORT: String(tlsPort) } });
const agentToneHz = 700;
const mebibyte = 1 << 20;

// `npm run bench -- hostile` is the long form, and measures how soon an OPTIONS is answered meanwhile.
test('[OPS-05] 5,000 mutated messages over UDP, TCP, TLS and WebSocket neither stop it nor disturb a call, and leave nothing behind', {
  timeout: 180_000,
}, async () => {
  const scene = await world().scene();
  const waiting = await world().scene({ staffed: false });
  const { customer, agent } = await scene.connect();
  const aim = { number: waiting.number, username: scene.agent(1).username, tlsPort, perSecond: 1_000 };
  await besiege(world(), { ...aim, messages: 1_000, seed: 7 });
  const residentBytes = () => processInfo(world().product.pid)?.residentBytes ?? 0;
  const before = residentBytes();
  const [siege] = await Promise.all([
    besiege(world(), { ...aim, messages: 5_000, seed: 1 }),
    customer.sound.ear.hears(agentToneHz, { forMs: 2_000, timeoutMs: 20_000 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 2_000, timeoutMs: 20_000 }),
  ]);
  expect(siege).toMatchObject({ sent: 5_000, unanswered: 0 });
  expect(customer.isUp && agent.isUp).toBe(true);
  customer.hangUp();
  await agent.ended();
  await until('hostile calls to be over', async () => (await world().api.calls()).length === 0, {
    timeoutMs: 100_000,
  });
  expect(residentBytes() - before).toBeLessThan(150 * mebibyte);
  expect(world().product.output).not.toMatch(/"level":"(error|fatal)"/);
});
