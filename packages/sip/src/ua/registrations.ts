import type { Flow } from '../flow/index.ts';
import { parseAddress } from '../message/index.ts';
import {
  RegistrationClient,
  type RegistrationCommand,
  type RegistrationHost,
  type RegistrationState,
} from '../registration/index.ts';
import { done, readUri, refused } from './arguments.ts';
import type { UserAgentContext } from './context.ts';
import type { CommandResult } from './options.ts';

/** More accounts than any host has trunks. */
const registrationsMax = 10_000;

/** The accounts that this user agent keeps registered elsewhere, by the names that the consumer gave them. */
export class Registrations {
  private readonly clients = new Map<string, RegistrationClient>();
  private readonly host: RegistrationHost;

  constructor(context: UserAgentContext) {
    this.host = {
      timers: context.timers,
      userAgent: context.options.userAgent,
      token: () => context.token(),
      draw: (below) => context.draw(below),
      createVia: (flow) => context.createVia(flow),
      createContact: (flow, user) => context.createContact(flow, user),
      send: (request, flow, user, nowMs) => void context.transactions.request(request, flow, user, nowMs),
      sendBytes: (flow, bytes) => context.send(flow, bytes),
      onState: (registrationId, state) => {
        if (state.kind === 'unregistered' && this.clients.get(registrationId)?.isOver === true)
          this.clients.delete(registrationId);
        context.emit({ type: 'registration-state', registrationId, state });
      },
    };
  }

  get size(): number {
    return this.clients.size;
  }

  state(registrationId: string): RegistrationState | undefined {
    return this.clients.get(registrationId)?.state;
  }

  start(command: RegistrationCommand, nowMs: number): CommandResult {
    const { registrationId, registrar, addressOfRecord } = command;
    if (this.clients.has(registrationId))
      return refused('duplicate-session', `Registration ${registrationId} is alive.`);
    if (this.clients.size >= registrationsMax)
      return refused('limit-reached', `There are ${registrationsMax} registrations already.`);
    if (readUri(registrar) === undefined)
      return refused('invalid-argument', `registrar: ${registrar} is no SIP URI.`);
    if (parseAddress(addressOfRecord)?.uri === undefined)
      return refused('invalid-argument', `addressOfRecord: ${addressOfRecord} is no SIP address.`);
    const client = new RegistrationClient(command, this.host, nowMs);
    this.clients.set(registrationId, client);
    client.start(nowMs);
    return done;
  }

  act(registrationId: string, action: (client: RegistrationClient) => void): CommandResult {
    const client = this.clients.get(registrationId);
    if (client === undefined) return refused('unknown-session', registrationId);
    action(client);
    return done;
  }

  /** A pong or a STUN message came on that flow. */
  heard(flow: Flow, stun: Uint8Array | undefined, nowMs: number): void {
    for (const client of this.clients.values()) client.heard(flow, stun, nowMs);
  }

  flowClosed(flow: Flow, nowMs: number): void {
    for (const client of this.clients.values()) client.flowClosed(flow, nowMs);
  }
}
