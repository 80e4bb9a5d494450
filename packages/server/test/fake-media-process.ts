import { MediaError } from '../src/media/index.ts';

interface Leg {
  peer: string | null;
  conference: string | null;
  /** Whom it whispers to, listens to, or barges in on there. */
  supervises: string | null;
  isMuted: boolean;
  playing: string | null;
}
interface Channels {
  left: string | null;
  right: string | null;
  isPaused: boolean;
}
type Params = Record<string, unknown> & { legId: string; conferenceId: string; recordingId: string };
type Listener = (event: object) => void;

/** A media process by what it would answer: what it has of legs, rooms and recordings. It dies and is followed by another one. */
export class FakeMediaProcess {
  readonly legs = new Map<string, Leg>();
  readonly recordings = new Map<string, Channels>();
  hello: { instanceId: string; legs: []; recordings: [] } | undefined;
  /** The supervisor has seen it die. */
  died: () => void = () => undefined;
  readonly #name: string;
  readonly #rooms = new Set<string>();
  readonly #listeners = new Map<string, Listener[]>();
  #asked: { legId: string; reply: PromiseWithResolvers<{ port: number }> }[] = [];
  #run = 0;

  constructor(name: string) {
    this.#name = name;
    this.comesBack();
  }

  get isConnected(): boolean {
    return this.hello !== undefined;
  }

  on(name: string, listener: Listener): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  dies(): void {
    if (!this.isConnected) return;
    this.hello = undefined;
    this.legs.clear();
    this.recordings.clear();
    this.#rooms.clear();
    for (const { reply } of this.#asked.splice(0)) reply.reject(gone());
    this.died();
  }

  comesBack(): void {
    if (this.isConnected) return;
    this.hello = { instanceId: `${this.#name}${++this.#run}`, legs: [], recordings: [] };
    for (const listener of this.#listeners.get('connected') ?? [])
      listener({ hello: this.hello, sameProcess: this.#run === 1 });
  }

  /** Opens so many of the sockets that were asked for. */
  answers(count: number): void {
    for (const { legId, reply } of this.#asked.splice(0, count)) {
      this.legs.set(legId, { peer: null, conference: null, supervises: null, isMuted: false, playing: null });
      reply.resolve({ port: 20_000 });
    }
  }

  allocateLeg({ legId }: { legId: string }): Promise<{ port: number }> {
    const reply = Promise.withResolvers<{ port: number }>();
    if (this.isConnected) this.#asked.push({ legId, reply });
    else reply.reject(gone());
    return reply.promise;
  }

  releaseLeg(legId: string): Promise<void> {
    this.#release(legId);
    return Promise.resolve();
  }

  async startRecording({ recordingId, left, right = null }: Params): Promise<void> {
    if (!this.isConnected) throw gone();
    const channels = { left, right, isPaused: false } as Channels;
    for (const each of [channels.left, channels.right]) {
      if (each !== null && !this.legs.has(each) && !this.#rooms.has(each))
        throw new MediaError({ code: 'unknown-leg', message: `there is no leg ${each}` });
    }
    this.recordings.set(recordingId, channels);
    await Promise.resolve();
  }

  async stopRecording(recordingId: string): Promise<void> {
    if (!this.isConnected) throw gone();
    this.recordings.delete(recordingId);
    const event = { recordingId, sequence: 1, complete: true, path: '', durationSeconds: 0, bytes: 0 };
    for (const listener of this.#listeners.get('recording-closed') ?? []) listener(event);
    await Promise.resolve();
  }

  tell(method: string, params: Params): void {
    if (this.isConnected) this.#commands[method]?.(params);
  }

  readonly #commands: Record<string, (params: Params) => void> = {
    'leg.release': ({ legId }) => this.#release(legId),
    'leg.bridge': ({ a, b }) => {
      const [one, other] = [this.legs.get(a as string), this.legs.get(b as string)];
      if (one === undefined || other === undefined) return;
      for (const id of [a, b] as string[]) this.#leave(id);
      one.peer = b as string;
      other.peer = a as string;
    },
    'leg.unbridge': ({ legId }) => this.#part(legId),
    'leg.mute': ({ legId, muted }) => this.#change(legId, { isMuted: muted as boolean }),
    'leg.play': ({ legId, playId }) => this.#change(legId, { playing: playId as string }),
    'leg.stopPlaying': ({ legId }) => this.#change(legId, { playing: null }),
    'conference.create': ({ conferenceId }) => void this.#rooms.add(conferenceId),
    'conference.join': ({ legId, conferenceId, supervision }) => {
      if (!this.#rooms.has(conferenceId) || !this.legs.has(legId)) return;
      this.#leave(legId);
      this.#change(legId, { conference: conferenceId, supervises: supervised(supervision) });
    },
    'conference.set': ({ legId, supervision }) => {
      if (this.legs.get(legId)?.conference != null)
        this.#change(legId, { supervises: supervised(supervision) });
    },
    'conference.leave': ({ legId }) => this.#change(legId, noSeat),
    'conference.end': ({ conferenceId }) => {
      this.#rooms.delete(conferenceId);
      for (const leg of this.legs.values()) if (leg.conference === conferenceId) Object.assign(leg, noSeat);
    },
    'recording.attach': ({ recordingId, left, right }) => {
      const channels = this.recordings.get(recordingId);
      if (channels === undefined) return;
      for (const [side, name] of Object.entries({ left, right })) {
        const isThere = name === null || this.legs.has(name as string) || this.#rooms.has(name as string);
        if (name !== undefined && isThere) Object.assign(channels, { [side]: name });
      }
    },
    'recording.pause': ({ recordingId }) => this.#pause(recordingId, true),
    'recording.resume': ({ recordingId }) => this.#pause(recordingId, false),
  };

  #pause(recordingId: string, isPaused: boolean): void {
    const channels = this.recordings.get(recordingId);
    if (channels !== undefined) channels.isPaused = isPaused;
  }

  #change(legId: string, change: Partial<Leg>): void {
    const leg = this.legs.get(legId);
    if (leg !== undefined) Object.assign(leg, change);
  }

  #part(legId: string): void {
    const leg = this.legs.get(legId);
    if (leg?.peer == null) return;
    this.#change(leg.peer, { peer: null });
    leg.peer = null;
  }

  #leave(legId: string): void {
    this.#part(legId);
    this.#change(legId, noSeat);
  }

  #release(legId: string): void {
    this.#part(legId);
    this.legs.delete(legId);
    for (const channels of this.recordings.values()) {
      if (channels.left === legId) channels.left = null;
      if (channels.right === legId) channels.right = null;
    }
  }
}

const noSeat = { conference: null, supervises: null };
const supervised = (supervision: unknown): string | null =>
  (supervision as { legId: string } | null)?.legId ?? null;
const gone = (): MediaError => new MediaError({ code: 'disconnected', message: 'the process has died' });
