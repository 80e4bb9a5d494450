import { until } from './wait.ts';
import type { Scene, World } from './world.ts';

/** A finished and recorded call, one going on, one on hold and three that wait. */
export async function busyCentre(world: World): Promise<string> {
  const busy = await world.scene({ agents: 4, staffed: false, queue: { name: 'Support' } });
  // Alone at first: a phone that a slow machine made silent is passed over, and the call would ring at another one.
  await busy.staff(busy.agent(1));
  const first = await busy.connect({ agent: 1 });
  await first.customer.sound.ear.hears('sound', { forMs: 4_000 });
  first.customer.hangUp();
  await first.agent.ended();
  const contact = await busy.lastContact();
  for (const agent of busy.agents) agent.phone.onCall = (call) => call.answer();
  await busy.staffAll();
  const calls = [await call(busy), await call(busy)];
  await calls[0]?.sound.ear.hears('sound');
  const waiting = await world.scene({ staffed: false, queue: { name: 'Sales' } });
  for (let index = 0; index < 3; index += 1) await call(waiting);
  await until('three waiting callers', async () => (await waiting.stats()).waiting === 3);
  return contact.id;
}

async function call(scene: Scene) {
  const made = await (await scene.caller()).call(scene.number);
  await made.answered();
  return made;
}
