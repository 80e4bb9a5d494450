import type { ContactId, LegId, RecordingId } from '@crosspoint/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MediaClient } from '../../media/index.ts';
import { FakeMediaProcess } from '../../../test/fake-media-process.ts';
import type { MediaPlace, MediaPlaneEvents } from './media-places.ts';
import { MediaPlane } from './media-plane.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const contacts = ['one', 'two'] as ContactId[];
const legsOf = (contactId: ContactId) => [1, 2, 3].map((n) => `${contactId}-${n}` as LegId);
/** The leg of a page that was reloaded, before it takes the place of another one. */
const newcomerOf = (contactId: ContactId) => `${contactId}-new` as LegId;
const recordingOf = (contactId: ContactId) => `recording-${contactId}` as RecordingId;
const room = 'main';

/** A media plane over these processes, and where its legs are. */
function planeOver(processes: FakeMediaProcess[]) {
  const places = new Map<LegId, MediaPlace>();
  const lost: LegId[] = [];
  const nothing = (): void => undefined;
  const told = {
    placed: (place: MediaPlace) => {
      // A leg that took the place of another one was known under another name.
      for (const [legId, { mediaId }] of places) if (mediaId === place.mediaId) places.delete(legId);
      places.set(place.legId, place);
    },
    lost: (legIds: LegId[]) => void lost.push(...legIds),
  };
  const events = new Proxy(told, {
    get: (of, name) => (name in of ? of[name as keyof typeof of] : nothing),
  }) as unknown as MediaPlaneEvents;
  let ids = 0;
  const clients = processes.map((process) => process as unknown as MediaClient);
  const plane = new MediaPlane(
    () => clients,
    events,
    () => `media-${++ids}`,
  );
  for (const [index, process] of processes.entries()) {
    plane.attach(process as unknown as MediaClient);
    process.died = () => plane.evacuate(clients[index] as MediaClient);
  }
  return { plane, places, lost, processes };
}
type World = ReturnType<typeof planeOver>;

/** What is said in both worlds: the one in which processes die, and the one in which the only process never does. */
class Script {
  readonly mortal = planeOver([new FakeMediaProcess('a'), new FakeMediaProcess('b')]);
  readonly immortal = planeOver([new FakeMediaProcess('c')]);
  readonly #allocated = new Set<LegId>();
  readonly #asked = new Set<LegId>();
  readonly #released = new Set<LegId>();
  readonly #rooms = new Set<ContactId>();
  readonly #recorded = new Set<ContactId>();

  both(act: (plane: MediaPlane) => void): void {
    for (const { plane } of [this.mortal, this.immortal]) act(plane);
  }

  allocate(contactId: ContactId, legId: LegId): void {
    if (this.#asked.has(legId)) return;
    this.#asked.add(legId);
    const request = { transport: 'rtp', bindAddress: '127.0.0.1' } as const;
    const worlds = [this.mortal, this.immortal].map(({ plane }) => plane.allocate(contactId, legId, request));
    void Promise.all(worlds).then(() => !this.#released.has(legId) && this.#allocated.add(legId));
  }

  /** Those that a step names, if they are there. */
  there(contactId: ContactId, ...numbers: number[]): LegId[] | undefined {
    const legIds = numbers.map((n) => legsOf(contactId)[n] as LegId);
    return legIds.every((legId) => this.#allocated.has(legId)) ? legIds : undefined;
  }

  release(legId: LegId): void {
    this.#released.add(legId);
    this.#allocated.delete(legId);
    this.both((plane) => plane.release(legId));
  }

  openRoom(contactId: ContactId): void {
    if (this.#rooms.has(contactId)) return;
    this.#rooms.add(contactId);
    this.both((plane) => plane.openRoom(contactId, room));
  }

  closeRoom(contactId: ContactId): void {
    if (!this.#rooms.delete(contactId)) return;
    this.hear(contactId, null);
    this.both((plane) => plane.closeRoom(contactId, room));
  }

  join(contactId: ContactId, legId: LegId, supervised: LegId | null = null): void {
    this.openRoom(contactId);
    const seat = supervised && ({ mode: 'whisper', legId: supervised } as const);
    this.both((plane) => plane.joinRoom(contactId, room, legId, seat));
  }

  /** A new leg takes the place of that one as soon as it is there. */
  replace(contactId: ContactId, legId: LegId): void {
    const newcomer = newcomerOf(contactId);
    this.allocate(contactId, newcomer);
    if (!this.#allocated.delete(newcomer)) return;
    this.both((plane) => plane.rename(newcomer, legId));
  }

  record(contactId: ContactId, customer: LegId, agent: LegId): void {
    if (this.#recorded.has(contactId)) return;
    this.#recorded.add(contactId);
    const file = { path: '/nowhere/one.wav', format: 'wav' } as const;
    this.both((plane) => plane.recordings.start(recordingOf(contactId), file, customer, agent));
  }

  hear(contactId: ContactId, right: LegId | 'room' | null): void {
    if (!this.#recorded.has(contactId) || (right === 'room' && !this.#rooms.has(contactId))) return;
    const heard = right === 'room' ? { room } : right;
    this.both((plane) => plane.recordings.hear(recordingOf(contactId), contactId, heard));
  }

  stop(contactId: ContactId): void {
    if (this.#recorded.delete(contactId)) this.both((plane) => plane.recordings.stop(recordingOf(contactId)));
  }

  /** Everything comes back and answers. */
  async settle(): Promise<void> {
    const { processes } = this.mortal;
    for (const process of processes) process.comesBack();
    for (let round = 0; round < 20; round++) {
      for (const process of [...processes, ...this.immortal.processes]) process.answers(Infinity);
      await vi.advanceTimersByTimeAsync(25);
    }
  }

  stateOf(world: World) {
    const legs = contacts.flatMap((contactId) =>
      legsOf(contactId)
        .filter((legId) => this.#allocated.has(legId))
        .map((legId) => [legId, stateOfLeg(world, legId)] as const),
    );
    const recordings = [...this.#recorded].map(
      (contactId) => [contactId, stateOfRecording(world, contactId)] as const,
    );
    return { legs: Object.fromEntries(legs), recordings: Object.fromEntries(recordings), lost: world.lost };
  }
}

function nameIn({ places }: World, mediaId: string | null): string | null {
  const place = [...places.values()].find((each) => each.mediaId === mediaId);
  return place?.legId ?? mediaId;
}

function stateOfLeg(world: World, legId: LegId) {
  const { mediaId = '', process = 0 } = world.places.get(legId) ?? {};
  const leg = world.processes[process]?.legs.get(mediaId);
  return leg && { ...leg, peer: nameIn(world, leg.peer), supervises: nameIn(world, leg.supervises) };
}

/** In which one process it is, and whom it hears. */
function stateOfRecording(world: World, contactId: ContactId) {
  const found = world.processes.flatMap(({ recordings }) => recordings.get(recordingOf(contactId)) ?? []);
  return found.map(({ left, right, isPaused }) => ({
    ...{ left: nameIn(world, left), right: nameIn(world, right), isPaused },
  }));
}

const contact = fc.constantFrom(...contacts);
const number = fc.constantFrom(0, 1, 2);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('allocate' as const), contact, number }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('answer' as const), count: fc.constantFrom(1, 2, 9) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('die' as const, 'return' as const),
      process: fc.constantFrom(0, 1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'bridge',
        'unbridge',
        'join',
        'leave',
        'close',
        'play',
        'quiet',
        'mute',
        'record',
        'stop',
        'pause',
        'replace',
        'supervise',
      ),
      contact,
      number,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('hear' as const),
      contact,
      right: fc.constantFrom(0, 1, 2, 'room' as const, null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), contact, number }) },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

async function perform(script: Script, each: Step): Promise<void> {
  const { processes } = script.mortal;
  if ('process' in each) {
    const process = processes[each.process];
    if (each.do === 'die') process?.dies();
    else process?.comesBack();
  } else if ('count' in each) for (const process of processes) process.answers(each.count);
  else if ('right' in each) {
    const [legId] = typeof each.right === 'number' ? (script.there(each.contact, each.right) ?? []) : [];
    if (typeof each.right !== 'number') script.hear(each.contact, each.right);
    else if (legId !== undefined) script.hear(each.contact, legId);
  } else if ('contact' in each) command(script, each);
  for (const process of script.immortal.processes) process.answers(Infinity);
  await vi.advanceTimersByTimeAsync(each.do === 'wait' ? 25 : 0);
}

function command(
  script: Script,
  { do: what, contact: contactId, number: n }: Extract<Step, { number: number }>,
): void {
  const legId = legsOf(contactId)[n] as LegId;
  if (what === 'allocate') return script.allocate(contactId, legId);
  const [own] = script.there(contactId, n) ?? [];
  const pair = script.there(contactId, n, (n + 1) % 3);
  if (what === 'close') return script.closeRoom(contactId);
  if (what === 'stop') return script.stop(contactId);
  if (own === undefined) return;
  if (what === 'release') return script.release(own);
  if (what === 'join') return script.join(contactId, own);
  if (what === 'supervise' && pair !== undefined) {
    script.join(contactId, pair[1] as LegId);
    return script.join(contactId, own, pair[1]);
  }
  if (what === 'replace') return script.replace(contactId, own);
  if (what === 'record' && pair !== undefined) script.record(contactId, pair[0] as LegId, pair[1] as LegId);
  script.both((plane) => {
    if (what === 'bridge' && pair !== undefined) plane.bridge(pair[0] as LegId, pair[1] as LegId);
    else if (what === 'pause') plane.recordings.pause(recordingOf(contactId), n > 0);
    else if (what === 'unbridge') plane.unbridge(own);
    else if (what === 'leave') plane.leaveRoom(own);
    else if (what === 'play') plane.play(own, { kind: 'music' }, { loop: true });
    else if (what === 'quiet') plane.stopPlaying(own);
    else if (what === 'mute') plane.mute(own, n > 0);
  });
}

test('[OPS-03] [REC-02] whenever media processes die and come back, in the end all of it is as if none had', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
      const script = new Script();
      for (const contactId of contacts)
        for (const legId of legsOf(contactId)) script.allocate(contactId, legId);
      await perform(script, { do: 'answer', count: 9 });
      for (const each of steps) await perform(script, each);
      await script.settle();
      expect(script.stateOf(script.mortal)).toEqual(script.stateOf(script.immortal));
    }),
    { numRuns: 300 },
  );
});
