import type { ContactId, LegId, RecordingId } from '@crosspoint/contracts';
import { expect, test, vi } from 'vitest';
import type { MediaClient } from '../../media/index.ts';
import { MediaError } from '../../media/index.ts';
import { MediaMoves } from './media-moves.ts';
import type { Home, MediaPlaneEvents, PlacedLeg, PlacedRecording } from './media-places.ts';
import { StandingOrders } from './standing-orders.ts';

/** A media process that answers when the test says so, and is followed by another one with `comesBack`. */
class Process {
  hello: { instanceId: string } | undefined;
  readonly told: string[] = [];
  readonly recorded: string[] = [];
  #run = 0;
  #asked: PromiseWithResolvers<{ port: number; dtls: undefined }>[] = [];

  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    this.comesBack();
  }

  get isConnected(): boolean {
    return this.hello !== undefined;
  }

  get asked(): number {
    return this.#asked.length;
  }

  allocateLeg(): Promise<{ port: number; dtls: undefined }> {
    const reply = Promise.withResolvers<{ port: number; dtls: undefined }>();
    if (this.isConnected) this.#asked.push(reply);
    else reply.reject(gone());
    return reply.promise;
  }

  startRecording({ left, right }: { left: string; right: string }): Promise<void> {
    if (!this.isConnected) return Promise.reject(gone());
    this.recorded.push(`${left} ${right}`);
    return Promise.resolve();
  }

  tell(method: string, params: { conferenceId?: string }): void {
    if (this.isConnected) this.told.push(`${method} ${params.conferenceId ?? ''}`.trim());
  }

  answers(count: number): void {
    for (const reply of this.#asked.splice(0, count)) reply.resolve({ port: 20_000, dtls: undefined });
  }

  dies(): void {
    this.hello = undefined;
    for (const reply of this.#asked.splice(0)) reply.reject(gone());
  }

  comesBack(): void {
    this.hello = { instanceId: `${this.#name}${++this.#run}` };
  }
}

const gone = (): MediaError => new MediaError({ code: 'disconnected', message: 'the process has died' });

/** Two processes with a conference of two legs and a recording in the first, and a call in the second. */
function twoProcesses() {
  const [first, second] = [new Process('first'), new Process('second')];
  const clientOf = (process: Process) => process as unknown as MediaClient;
  const orders = new StandingOrders();
  const legs = new Map<LegId, PlacedLeg>();
  const homes = new Map<ContactId, Home>();
  const recordings = new Map<RecordingId, PlacedRecording>();
  const place = (process: Process, contactId: string, ...legIds: string[]) => {
    const client = clientOf(process);
    homes.set(contactId as ContactId, { client, legs: legIds.length, codec: undefined });
    for (const legId of legIds) {
      legs.set(legId as LegId, {
        ...{ legId: legId as LegId, contactId: contactId as ContactId, client, mediaId: `media-${legId}` },
        ...{ run: process.hello?.instanceId, request: { transport: 'rtp', bindAddress: '127.0.0.1' } },
        ...{ bridgedWith: undefined, playing: undefined, seat: undefined, isMuted: false },
      });
    }
  };
  place(first, 'conference', 'customer', 'agent');
  place(second, 'call', 'other');
  const [client, recordingId] = [clientOf(first), 'recording' as RecordingId];
  const room = { conferenceId: 'conference.main' };
  orders.note(client, 'conference.create', room);
  const file = { path: '/tmp/one.wav', format: 'wav' as const };
  const heard = { left: 'media-customer', right: room.conferenceId };
  orders.note(client, 'recording.start', { recordingId, ...file, ...heard });
  const record = () =>
    recordings.set(recordingId, {
      ...{
        client,
        customer: 'customer' as LegId,
        right: { room: 'main' },
        file,
        startedAtMs: performance.now(),
      },
      ...{ run: first.hello?.instanceId ?? '', begun: Promise.resolve(), isStopping: false },
    });
  record();
  const lost: LegId[] = [];
  const events = {
    placed: () => {},
    moved: () => {},
    fault: () => {},
    lost: (of: LegId[]) => lost.push(...of),
  };
  const moves = new MediaMoves({
    ...{ clients: () => [first, second].map(clientOf), legs, homes, recordings, orders },
    events: events as unknown as MediaPlaneEvents,
  });
  const where = () => ({
    legs: Object.fromEntries(
      [...legs].map(([id, leg]) => [id, leg.client === clientOf(first) ? 'first' : 'second']),
    ),
    homes: Object.fromEntries(
      [...homes].map(([id, home]) => [id, home.client === clientOf(first) ? 'first' : 'second']),
    ),
  });
  return { first, second, clientOf, moves, where, lost, recordings, record };
}

test('[OPS-03] [REC-02] whoever is on the way to a media process that dies in turn stays together with the room and the recording', async () => {
  const { first, second, clientOf, moves, where, lost } = twoProcesses();
  first.dies();
  const away = moves.evacuate(clientOf(first));
  await vi.waitUntil(() => second.asked === 2);
  // One socket is open when the second process dies too; its own call is to go elsewhere at the same time.
  second.answers(1);
  second.dies();
  const both = Promise.all([away, moves.evacuate(clientOf(second))]);
  first.comesBack();
  void moves.evacuate(clientOf(first));
  await vi.waitUntil(() => first.asked === 2);
  first.answers(2);
  await vi.waitUntil(() => first.asked === 1);
  first.answers(1);
  // The second one never comes back.
  await both;
  expect(where()).toEqual({
    legs: { customer: 'first', agent: 'first', other: 'first' },
    homes: { conference: 'first', call: 'first' },
  });
  expect(first.told).toContain('conference.create conference.main');
  expect(first.recorded).toEqual(['media-customer conference.main']);
  expect(lost).toEqual([]);
});

test('[OPS-03] [REC-02] whoever has just come to a media process that dies goes on from there', async () => {
  const { first, second, clientOf, moves, where, lost } = twoProcesses();
  first.dies();
  const away = moves.evacuate(clientOf(first));
  await vi.waitUntil(() => second.asked === 2);
  second.answers(2);
  await away;
  expect(where().homes).toEqual({ conference: 'second', call: 'second' });
  first.comesBack();
  second.dies();
  const further = moves.evacuate(clientOf(second));
  await vi.waitUntil(() => first.asked === 3);
  first.answers(3);
  await further;
  expect(where()).toEqual({
    legs: { customer: 'first', agent: 'first', other: 'first' },
    homes: { conference: 'first', call: 'first' },
  });
  expect(first.told).toContain('conference.create conference.main');
  expect(first.recorded).toEqual(['media-customer conference.main']);
  expect(lost).toEqual([]);
});

test('[OPS-03] the successor of a media process takes over what was there, so that nobody else is moved', async () => {
  const { first, second, clientOf, moves, where } = twoProcesses();
  first.dies();
  first.comesBack();
  const away = moves.evacuate(clientOf(first));
  await vi.waitUntil(() => first.asked === 2);
  first.answers(2);
  await away;
  expect(where().homes).toEqual({ conference: 'first', call: 'second' });
  expect(first.told).toContain('conference.create conference.main');
  expect(second.told).toEqual([]);
});

test('[OPS-03] [REC-02] a recording that begins while whom it hears is on the way begins where that leg is then', async () => {
  const { first, second, clientOf, moves, recordings, record } = twoProcesses();
  recordings.clear();
  first.dies();
  const away = moves.evacuate(clientOf(first));
  await vi.waitUntil(() => second.asked === 2);
  record();
  second.answers(2);
  await away;
  expect(second.recorded).toEqual(['media-customer conference.main']);
  first.comesBack();
  await moves.evacuate(clientOf(first));
  expect(first.recorded).toEqual([]);
});
