import type { AgentId, SrtpUse } from '@crosspoint/contracts';
import { flowKey, type InviteEvent } from '@crosspoint/sip';
import { isBrowserFlow } from './addressing.ts';
import type { AgentEndpoints } from './agent-endpoints.ts';
import { hintsOf } from './audio.ts';
import type { SipCarrier } from './carrier.ts';
import type { DeviceSounds } from './device-sounds.ts';
import type { IncomingCalls } from './incoming-calls.ts';
import type { AgentLamps } from './lamps.ts';
import type { SipServiceOptions } from './service-options.ts';
import type { SipShell } from './shell.ts';
import { answerToStarCode, parseStarCode } from './star-codes.ts';

export interface CallArrivalsContext extends Pick<SipServiceOptions, 'log'> {
  events: Pick<SipServiceOptions['events'], 'centre' | 'starCode'>;
  shell: SipShell;
  /** Whose call it is. */
  incoming: IncomingCalls;
  carrier: SipCarrier;
  lamps: AgentLamps;
  endpoints: AgentEndpoints;
  sounds: DeviceSounds;
}

/** What is done with a call that arrives. */
export class CallArrivals {
  readonly #context: CallArrivalsContext;

  constructor(context: CallArrivalsContext) {
    this.#context = context;
  }

  /** A call that the line has let in goes to the centre, in the place of another one, or is a code. */
  invited(event: InviteEvent): void {
    if (event.replaces !== undefined) return this.#replacing(event, event.replaces);
    const read = this.#context.incoming.read(event);
    if (read.kind === 'star-code') return this.#starCode(event, read.agentId, read.number);
    const centre = this.#context.events.centre();
    const { call } = read;
    const trunk = read.kind === 'customer' ? read.trunk : undefined;
    trunk?.callStarted('incoming');
    const counted = trunk && ({ trunkId: trunk.id, direction: 'incoming' } as const);
    const take = () => (read.kind === 'device' ? centre.deviceCall(read.call) : centre.incoming(read.call));
    const ended = () => {
      trunk?.callEnded('incoming');
      if (read.kind === 'device') this.#context.lamps.over(call.legId);
    };
    if (read.kind === 'device') this.#context.lamps.calling(call.legId, read.call.agentId);
    if (read.kind === 'device') centre.deviceCalling(read.call);
    else centre.customerCalling(read.call);
    const srtp =
      read.kind === 'device' ? this.#srtpOfDevice(event, read.call.agentId) : (trunk?.settings.srtp ?? 'off');
    this.#context.carrier.present(event, call, { take, ended, counted, srtp }).catch((error: Error) => {
      this.#context.log.warn({ err: error, number: call.number }, 'an incoming call could not be presented');
    });
  }

  #replacing(event: InviteEvent, replaces: NonNullable<InviteEvent['replaces']>): void {
    const { agentId, trunk } = this.#context.incoming.replacing(event);
    const srtp = agentId === undefined ? (trunk?.settings.srtp ?? 'off') : this.#srtpOfDevice(event, agentId);
    void this.#context.carrier.replace({ event: { ...event, replaces }, agentId, trunkId: trunk?.id, srtp });
  }

  /** A telephone that calls shows by its description what it takes when it is called. */
  #srtpOfDevice({ flow, body, authenticatedUser }: InviteEvent, agentId: AgentId): SrtpUse {
    if (body !== undefined && body.length > 0 && authenticatedUser !== undefined) {
      const key = flowKey(flow);
      const bindings = this.#context.shell.stack.bindings(authenticatedUser);
      const binding = bindings.find((each) => flowKey(each.flow) === key);
      if (binding !== undefined) this.#context.sounds.learn(binding, hintsOf(body));
    }
    return isBrowserFlow(flow) ? 'off' : this.#context.endpoints.srtpOf(agentId);
  }

  #starCode(event: InviteEvent, agentId: AgentId | undefined, number: string): void {
    const command = parseStarCode(number);
    const done =
      agentId !== undefined && command !== undefined && this.#context.events.starCode(agentId, command);
    const { status, reason } = answerToStarCode(command, done);
    this.#context.shell.run((stack, now) =>
      stack.reject({ sessionId: event.sessionId, status, reason }, now),
    );
  }
}
