import type { Conference, ConferencePins, Contact, LiveConference } from '@crosspoint/contracts';
import type { PhoneCall } from '@crosspoint/sim/phones';
import { until } from './wait.ts';
import type { World } from './world.ts';

/** Time by the clocks of UTC, as a schedule has it. */
const local = (at: number): string => new Date(at).toISOString().slice(0, 16);

/** The number of the caller with that tone. */
const callerPhoneOf = (says: number): string => `+4207780${String(says).padStart(5, '0')}`;

let made = 0;

/** A scheduled conference that is on now, and the number at which callers key its PIN. */
export class Meeting {
  readonly id: string;
  readonly number: string;
  readonly pins: ConferencePins;
  readonly #world: () => World;

  private constructor(world: () => World, id: string, number: string, pins: ConferencePins) {
    this.#world = world;
    this.id = id;
    this.number = number;
    this.pins = pins;
  }

  static async begin(world: () => World, settings: object = {}): Promise<Meeting> {
    const { api } = world();
    made += 1;
    const number = `+42077700${String(made).padStart(4, '0')}`;
    await api.apply({ numbers: [{ number, target: { conferences: 'en' } }] });
    const now = Date.now();
    const schedule = { timeZone: 'UTC', startsAt: local(now - 60_000), endsAt: local(now + 3_600_000) };
    const body = { name: `meeting ${made}`, number, schedule, waitForModerator: false, ...settings };
    const { id } = await api.request<Conference>('POST', '/conferences', body);
    const pins = await api.request<ConferencePins>('GET', `/conferences/${id}/pins`);
    return new Meeting(world, id, number, pins);
  }

  /** Somebody with that tone dials the number and keys the digits when the question is heard. */
  async dial(says: number, digits: string): Promise<PhoneCall> {
    const phone = await this.#world().phone({ username: callerPhoneOf(says), says });
    const call = await phone.call(this.number);
    await call.answered();
    await call.sound.ear.hears('sound', { forMs: 200 });
    call.sound.sendDigits(`${digits}#`);
    return call;
  }

  async come(says: number, role: 'participant' | 'moderator' = 'participant'): Promise<PhoneCall> {
    const before = (await this.live())?.parties.length ?? 0;
    const call = await this.dial(says, this.pins[role]);
    await this.liveIs(`party ${before + 1} to be there`, ({ parties }) => parties.length === before + 1);
    return call;
  }

  async live(): Promise<LiveConference | null> {
    return (await this.#world().api.request<Conference>('GET', `/conferences/${this.id}`)).live;
  }

  liveIs(what: string, is: (live: LiveConference) => boolean): Promise<LiveConference> {
    return until(what, async () => {
      const live = await this.live();
      return live !== null && is(live) && live;
    });
  }

  act(action: string): Promise<unknown> {
    return this.#world().api.request('POST', `/conferences/${this.id}/actions`, { action });
  }

  /** What becomes of the n-th party, counted from 0. */
  async party(position: number, action: string): Promise<void> {
    const party = (await this.live())?.parties[position];
    if (party === undefined) throw new Error(`there is no party ${position}`);
    const path = `/conferences/${this.id}/parties/${party.contactId}`;
    await this.#world().api.request('POST', path, { action });
  }

  /** The contact of the caller with that tone, once it is closed. */
  contactOf(says: number): Promise<Contact> {
    return this.#world().api.closedContact(this.number, callerPhoneOf(says));
  }
}
