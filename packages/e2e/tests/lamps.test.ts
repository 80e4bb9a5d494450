import type { Page, Recording, Voicemail } from '@crosspoint/contracts';
import { parseDialogInfo, parseMessageSummary, type SipEvent } from '@crosspoint/sip';
import type { Phone } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import { callerToneHz, speech, until, useWorld } from '../src/index.ts';

const world = useWorld();

/** What a telephone hears of one subscription, in order. */
class Subscription {
  readonly heard: (SipEvent & { type: 'notification' | 'subscription-ended' })[] = [];
  readonly #phone: Phone;

  constructor(phone: Phone, event: 'dialog' | 'message-summary', watched: string, password?: string) {
    this.#phone = phone;
    const { host, server, username } = phone.options;
    host.onEvent = (told) => {
      if (told.type === 'notification' || told.type === 'subscription-ended') this.heard.push(told);
    };
    const authority = `${server.address}:${server.port}`;
    const result = host.run((stack, now) =>
      stack.subscriptions.subscribe(
        {
          ...{ subscriptionId: 'lamp', package: event, flow: host.flowTo(server), expiresSeconds: 600 },
          uri: `sip:${watched}@${authority}`,
          from: `<sip:${username}@${authority}>`,
          to: `<sip:${watched}@${authority}>`,
          ...(password === undefined ? {} : { credentials: { username, password } }),
        },
        now,
      ),
    );
    if (!result.ok) throw new Error(result.detail);
  }

  /** Until the lamp shows this: each call with its state and direction. */
  async shows(...dialogs: string[]): Promise<void> {
    const seen = () => this.#bodies().map((body) => parseDialogInfo(body)?.dialogs);
    await until(
      `the lamp to show ${dialogs.join(', ') || 'nothing'}`,
      async () =>
        seen()
          .at(-1)
          ?.map(({ state, direction }) => `${state} ${direction}`)
          .join() === dialogs.join(),
      { seen },
    );
  }

  async ends(): Promise<SipEvent & { type: 'subscription-ended' }> {
    return until('the subscription to end', async () =>
      this.heard.find((told) => told.type === 'subscription-ended'),
    );
  }

  /** The bodies of all notifications so far. */
  #bodies(): Uint8Array[] {
    return this.heard.flatMap((told) => (told.type === 'notification' && told.body ? [told.body] : []));
  }

  /** Until the lamp shows so many messages, those that nobody has heard and the others. */
  async showsMessages(newCount: number, oldCount: number): Promise<void> {
    let seen: unknown;
    await until(
      `${newCount} new and ${oldCount} old messages`,
      async () => {
        const body = this.#bodies().at(-1);
        const summary = body && parseMessageSummary(body);
        seen = summary;
        const [count] = summary?.counts ?? [];
        return (
          summary?.isWaiting === newCount > 0 && count?.newCount === newCount && count.oldCount === oldCount
        );
      },
      { seen: () => seen },
    );
  }

  async messages() {
    const body = await until('a notification', async () => this.#bodies().at(-1));
    return parseMessageSummary(body);
  }

  get text(): string {
    return this.#bodies()
      .map((body) => new TextDecoder().decode(body))
      .join('\n');
  }

  unsubscribe(): void {
    this.#phone.options.host.run((stack, now) =>
      stack.subscriptions.unsubscribe({ subscriptionId: 'lamp' }, now),
    );
  }
}

test('[CAR-06] [RFC4235 §3] a lamp shows a colleague ring, speak and be free again, and not with whom', async () => {
  const scene = await world().scene({ agents: 2, staffed: false });
  const [watched, watcher] = [scene.agent(1), scene.agent(2)];
  await scene.staff(watched);
  await watcher.phone.register();
  const lamp = new Subscription(watcher.phone, 'dialog', watched.username, watcher.sipPassword);
  await lamp.shows();
  const caller = await scene.caller();
  const customer = await caller.call(scene.number);
  const call = await watched.phone.nextCall();
  await lamp.shows('early recipient');
  call.answer();
  await call.answered();
  await lamp.shows('confirmed recipient');
  customer.hangUp();
  await call.ended();
  await lamp.shows('terminated recipient');
  expect(lamp.text).not.toContain(caller.username);
  lamp.unsubscribe();
  expect(await lamp.ends()).toMatchObject({ by: 'local' });
});

test('[CAR-06] a lamp by the extension shows the calls that the colleague makes', async () => {
  const scene = await world().scene({ agents: 2, staffed: false });
  const [watched, watcher] = [scene.agent(1), scene.agent(2)];
  const [watchedAt, watcherAt] = [world().freshExtension(), world().freshExtension()];
  await world().api.apply({
    agents: [
      { username: watched.username, extension: watchedAt },
      { username: watcher.username, extension: watcherAt },
    ],
  });
  await Promise.all([watched.phone.register(), watcher.phone.register()]);
  const lamp = new Subscription(watcher.phone, 'dialog', watchedAt, watcher.sipPassword);
  await lamp.shows();
  const call = await watched.phone.call(watcherAt);
  const answering = await watcher.phone.nextCall();
  await lamp.shows('early initiator');
  answering.answer();
  await call.answered();
  await lamp.shows('confirmed initiator');
  call.hangUp();
  await answering.ended();
  await lamp.shows('terminated initiator');
});

test('[CAR-06] lamps are for colleagues who prove who they are, and for agents that there are', async () => {
  const scene = await world().scene({ agents: 2, staffed: false });
  const [watched, watcher] = [scene.agent(1), scene.agent(2)];
  const stranger = await world().phone({ username: watcher.username });
  const statusOf = async (subscription: Subscription) => (await subscription.ends()).status;
  expect(await statusOf(new Subscription(stranger, 'dialog', watched.username))).toBe(401);
  const unknown = new Subscription(watcher.phone, 'dialog', '9999', watcher.sipPassword);
  expect(await statusOf(unknown)).toBe(404);
});

test('[CAR-06] [RFC3842] a telephone is told that no message waits, of its own mailbox only', async () => {
  const scene = await world().scene({ agents: 2, staffed: false });
  const [own, other] = [scene.agent(1), scene.agent(2)];
  const lamp = new Subscription(own.phone, 'message-summary', own.username, own.sipPassword);
  expect(await lamp.messages()).toMatchObject({
    isWaiting: false,
    counts: [{ messageClass: 'voice-message', newCount: 0, oldCount: 0 }],
  });
  const foreign = new Subscription(other.phone, 'message-summary', own.username, other.sipPassword);
  expect((await foreign.ends()).status).toBe(403);
});

test('[CAR-06] [RFC3842] the lamp follows the messages in the boxes of its agent', async () => {
  const box = world().freshName('messages of the lamp');
  const overflow = [{ condition: { when: 'waited' as const, afterSeconds: 1 }, target: { voicemail: box } }];
  await world().api.apply({ voicemailBoxes: [{ name: box, silenceSeconds: 20 }] });
  const scene = await world().scene({ agents: 1, staffed: false, queue: { overflow } });
  const agent = scene.agent(1);
  const lamp = new Subscription(agent.phone, 'message-summary', agent.username, agent.sipPassword);
  await lamp.showsMessages(0, 0);
  await world().api.apply({ voicemailBoxes: [{ name: box, silenceSeconds: 20, agents: [agent.username] }] });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.sound.ear.hears(1_000, { forMs: 200 });
  customer.sound.say(speech(callerToneHz));
  await until('four seconds of the message', async () => {
    const { items } = await world().api.get<Page<Recording>>('/recordings?status=recording');
    const recording = items.find(({ number }) => number === scene.number);
    return recording !== undefined && Date.now() - Date.parse(recording.startedAt) > 4_000;
  });
  customer.hangUp();
  await lamp.showsMessages(1, 0);
  const { items } = await world().api.get<Page<Voicemail>>('/voicemails');
  const message = items.find((each) => each.box === box);
  await world().api.request('PUT', `/voicemails/${message?.id}`, { heard: true });
  await lamp.showsMessages(0, 1);
  await world().api.request('DELETE', `/voicemails/${message?.id}`);
  await lamp.showsMessages(0, 0);
});
