import { expect, onTestFinished, test } from 'vitest';
import {
  callerToneHz,
  freeTcpPort,
  freeUdpPort,
  PostgresServer,
  signal,
  until,
  World,
} from '../src/index.ts';

test('[OPS-03] kill -9 of the control process while the database is away: the next one waits, and the talk goes on', async () => {
  const server = await PostgresServer.start();
  onTestFinished(() => server.stop());
  const env = {
    DATABASE_URL: server.url,
    CROSSPOINT_HTTP_PORT: String(await freeTcpPort()),
    CROSSPOINT_SIP_PORT: String(await freeUdpPort()),
  };
  const world = await World.start({ env, isSupervised: true });
  onTestFinished(() => world.stop());
  const scene = await world.scene();
  const { customer, agent } = await scene.connect();
  const goOn = server.pause();
  onTestFinished(goOn);
  const { serverPid } = world.product;
  if (serverPid === undefined) throw new Error('The supervisor runs no server.');
  signal(serverPid, 'SIGKILL');
  await until('the next one to wait', () => world.product.output.includes('it is awaited'));
  await customer.sound.ear.hears(700, { forMs: 500 });
  goOn();
  await until('the server to be ready', () => world.product.isReady());
  await world.login();
  expect(customer.isUp && agent.isUp).toBe(true);
  await agent.sound.ear.hears(callerToneHz, { forMs: 500 });
  customer.hangUp();
  await agent.ended();
  expect((await scene.lastContact()).outcome).toBe('answered');
});
