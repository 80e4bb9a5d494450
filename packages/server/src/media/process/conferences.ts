import type { Empty, MediaParams } from '../protocol.ts';
import type { Bridges } from './bridges.ts';
import { CommandError } from './errors.ts';
import { legNamed, type LegTable, noLeg } from './legs.ts';
import { monotonicMs } from './packets.ts';
import type { PartySettings, Rooms } from './rooms.ts';

const nothing: Empty = {};
/** Parties of one conference. */
const partiesMax = 200;

/** The requests about conferences. */
export class Conferences {
  readonly #legs: LegTable;
  readonly #rooms: Rooms;
  readonly #bridges: Bridges;

  constructor(legs: LegTable, rooms: Rooms, bridges: Bridges) {
    this.#legs = legs;
    this.#rooms = rooms;
    this.#bridges = bridges;
  }

  /** A conference stands in the table of legs, so that it can be recorded and played to like one. */
  create(conferenceId: string, isTaken: boolean): Empty {
    const legs = this.#legs;
    if (isTaken || legs.indexOf.has(conferenceId)) {
      const message = `conferenceId: ${conferenceId} exists already; use another id or end it`;
      throw new CommandError('already-exists', message);
    }
    const leg = legs.reserve(monotonicMs(), 0, 0, 0);
    if (leg === noLeg)
      throw new CommandError('leg-limit', `${legs.capacity} legs are in use; release one first`);
    legs.transports[leg] = this.#rooms.open(leg);
    legs.maySend[leg] = 1;
    legs.publish(leg, conferenceId);
    return nothing;
  }

  join(params: MediaParams<'conference.join'>): Empty {
    const leg = legNamed(this.#legs, 'legId', params.legId);
    const conference = this.indexOf(params.conferenceId);
    if (this.#rooms.sizeOf(conference) >= partiesMax) {
      const message = `conferenceId: ${params.conferenceId} has ${partiesMax} parties; open another one`;
      throw new CommandError('leg-limit', message);
    }
    const settings = this.#partySettings(params);
    this.#bridges.part(leg);
    this.#rooms.join(conference, leg, settings);
    return nothing;
  }

  set(params: MediaParams<'conference.set'>): Empty {
    const leg = legNamed(this.#legs, 'legId', params.legId);
    const isParty = this.#rooms.conferenceOf(leg) !== noLeg;
    if (!isParty || !this.#rooms.set(leg, this.#partySettings(params))) {
      throw new CommandError(
        'unknown-conference',
        `legId: ${params.legId} is in no conference; let it join one`,
      );
    }
    return nothing;
  }

  #partySettings({ gain, muted, supervision }: MediaParams<'conference.set'>): PartySettings {
    if (supervision === undefined || supervision === null) return { gain, muted, supervision };
    const leg = legNamed(this.#legs, 'supervision.legId', supervision.legId);
    return { gain, muted, supervision: { mode: supervision.mode, leg } };
  }

  /** The conference of that name. @throws {CommandError} `unknown-conference`. */
  indexOf(conferenceId: string): number {
    const conference = this.#legs.indexOf.get(conferenceId);
    if (conference === undefined || this.#rooms.sizeOf(conference) < 0) {
      const message = `conferenceId: there is no conference ${conferenceId}; create it first`;
      throw new CommandError('unknown-conference', message);
    }
    return conference;
  }
}
