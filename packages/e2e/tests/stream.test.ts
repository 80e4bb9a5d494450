import { expect, test } from 'vitest';
import { StreamClient, useWorld } from '../src/index.ts';

const world = useWorld();

test('[API-02] the stream tells what a call does, in order', async () => {
  const scene = await world().scene();
  const stream = await StreamClient.open(world().api, ['queues', 'agents', 'contacts']);
  try {
    await stream.next('subscribed', ({ type }) => type === 'subscribed');
    expect(
      stream.messages
        .filter(({ type }) => type === 'snapshot')
        .map(({ topic }) => topic)
        .toSorted(),
    ).toEqual(['agents', 'queues']);
    const { customer, agent } = await scene.connect();
    customer.hangUp();
    await agent.ended();
    const { id } = await scene.lastContact();
    const isFact = (type: string) => (message: { type: string; data: unknown }) =>
      message.type === 'contact.fact' && isPartOf(message.data, { contactId: id, type });
    await stream.next('the contact to be closed', isFact('contact.closed'));
    const order = ['contact.started', 'queue.entered', 'offer.made', 'segment.started', 'contact.ended'].map(
      (type) => stream.messages.findIndex(isFact(type)),
    );
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
    const events = stream.messages.filter(({ type }) =>
      ['contact.fact', 'agent.changed', 'queue.changed'].includes(type),
    );
    expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted((a, b) => a - b));
  } finally {
    stream.close();
  }
});

test('[API-02] a stream that was interrupted resumes without a gap', async () => {
  const scene = await world().scene();
  const first = await StreamClient.open(world().api, ['contacts']);
  const { seq } = await first.next('subscribed', ({ type }) => type === 'subscribed');
  first.close();
  const { customer, agent } = await scene.connect();
  customer.hangUp();
  await agent.ended();
  const contact = await scene.lastContact();

  const second = await StreamClient.open(world().api, ['contacts'], seq);
  try {
    const subscribed = await second.next('subscribed', ({ type }) => type === 'subscribed');
    expect(subscribed).toMatchObject({ resumed: true });
    const facts = second.messages.filter(({ data }) => isPartOf(data, { contactId: contact.id }));
    expect(facts.map(({ data }) => (data as { seq: number }).seq)).toEqual(
      contact.timeline.map((fact) => fact.seq),
    );
  } finally {
    second.close();
  }
});

/** Whether the value is an object with these properties. */
function isPartOf(value: unknown, expected: Record<string, unknown>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const properties = new Map(Object.entries(value));
  return Object.entries(expected).every(([name, wanted]) => properties.get(name) === wanted);
}
