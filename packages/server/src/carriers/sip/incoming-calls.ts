import type { AgentId, ContactId, LegId } from '@crosspoint/contracts';
import {
  type Flow,
  type InviteEvent,
  numberOrUserOf,
  type Refusal,
  type RequestContext,
  type SipRequest,
} from '@crosspoint/sip';
import type { CarrierEvents, DeviceCall, IncomingCall } from '../door.ts';
import type { SipAccounts } from './accounts.ts';
import { shownName, shownNumber } from './caller-text.ts';
import type { LineDefence } from './defence/index.ts';
import type { DeviceFlows } from './device-flows.ts';
import { parseStarCode } from './star-codes.ts';
import type { SipTrunk } from './trunk.ts';
import { hidesCaller, readTrunkCall } from './trunk-incoming.ts';
import type { SipTrunks } from './trunks.ts';

export interface IncomingCallsContext {
  accounts: SipAccounts;
  trunks: SipTrunks;
  devices: DeviceFlows;
  defence: LineDefence;
  centre: () => CarrierEvents;
  /** Whether whoever is on that path has proven by a certificate of that authority to be one of these hosts. */
  isPeer: (flow: Flow, authority: string, hosts: readonly string[]) => boolean;
  /** Whether messages are read so late that new calls should be refused. */
  isOverloaded: () => boolean;
  newId: () => string;
  log: (fields: object, message: string) => void;
}

/** Short, because providers call nothing here meanwhile (RFC 3261 §21.5.4). */
const overloadRetrySeconds = '2';

/** A call that was let in, by where it comes from. */
export type ReadCall =
  | { kind: 'star-code'; agentId: AgentId | undefined; number: string }
  | { kind: 'device'; call: DeviceCall }
  | { kind: 'customer'; call: IncomingCall; trunk: SipTrunk | undefined };

/**
 * Decides whose call an INVITE is. A call to a number that somebody has set up is a customer's, by a trunk or from anywhere;
 * a call to any other number is refused, unless it comes from an agent's device, which may call extensions and out.
 */
export class IncomingCalls {
  readonly #context: IncomingCallsContext;

  constructor(context: IncomingCallsContext) {
    this.#context = context;
  }

  /** Whether this request has to prove who sends it. */
  needsAccount(request: SipRequest, flow: Flow): boolean {
    if (request.method === 'REGISTER' || request.method === 'SUBSCRIBE') return true;
    if (request.method !== 'INVITE') return false;
    const number = numberOrUserOf(request.uri);
    if (number.startsWith('*')) return true;
    // Strangers are not asked, so that the answer to them does not tell an account from a wrong number.
    const mayBeDevice =
      this.#context.devices.has(flow) ||
      this.#context.devices.isNear(numberOrUserOf(request.from.uri), flow) ||
      showsAccount(request);
    const isAsked =
      request.header('Replaces') !== undefined ||
      !this.#isEntryPoint(number) ||
      this.#context.centre().asksWhoCalls(number);
    return mayBeDevice && isAsked && this.#trunkOf(request, flow) === undefined;
  }

  /** Why a request is not let in; undefined lets it in. */
  admit(request: SipRequest, { flow, authenticatedUser: user }: RequestContext): Refusal | undefined {
    const { defence, isOverloaded } = this.#context;
    // An agent who calls is worth more than one caller more, and adds little.
    if (request.method === 'INVITE' && user === undefined && isOverloaded()) {
      const overloaded = { status: 503, headers: [['Retry-After', overloadRetrySeconds]] } satisfies Refusal;
      return this.#refuse(overloaded, 'more messages come than this machine can serve in time');
    }
    const denied = defence.admit(request, flow.remoteAddress, user);
    if (denied !== undefined || request.method !== 'INVITE') return denied;
    // The stack finds out which call it is about; whose it is decides then.
    if (request.header('Replaces') !== undefined) return undefined;
    const number = numberOrUserOf(request.uri);
    if (number.startsWith('*') && !this.#isEntryPoint(number)) {
      const known = user !== undefined && parseStarCode(number) !== undefined;
      return known ? undefined : { status: 404, reason: 'Unknown code' };
    }
    const agentId = user === undefined ? undefined : this.#context.accounts.byUsername(user)?.agentId;
    if (agentId !== undefined && !this.#isEntryPoint(number)) {
      return this.#asRefusal(number, this.#context.centre().deviceRefusal(agentId, number), flow);
    }
    const trunk = this.#trunkOf(request, flow);
    if (trunk === undefined) return this.#asRefusal(number, this.#context.centre().refusal(number), flow);
    return this.#admitByTrunk(request, trunk, flow);
  }

  /** Who wants to take the place of a call (RFC 3891). */
  replacing(event: InviteEvent): { agentId: AgentId | undefined; trunk: SipTrunk | undefined } {
    const user = event.authenticatedUser;
    const agentId = user === undefined ? undefined : this.#context.accounts.byUsername(user)?.agentId;
    const trunk = agentId === undefined ? this.#trunkOf(event.request, event.flow) : undefined;
    return { agentId, trunk };
  }

  /** Who calls whom, of a call that was let in. */
  read(event: InviteEvent): ReadCall {
    const { newId, accounts } = this.#context;
    const number = numberOrUserOf(event.uri);
    const agentId =
      event.authenticatedUser === undefined
        ? undefined
        : accounts.byUsername(event.authenticatedUser)?.agentId;
    if (number.startsWith('*') && !this.#isEntryPoint(number)) return { kind: 'star-code', agentId, number };
    const ids = {
      legId: newId() as LegId,
      contactId: newId() as ContactId,
      carrierId: event.callId,
    };
    if (agentId !== undefined && !this.#isEntryPoint(number)) {
      const address = `sip:${event.authenticatedUser}`;
      return { kind: 'device', call: { ...ids, agentId, number, address } };
    }
    const trunk = this.#trunkOf(event.request, event.flow);
    if (trunk === undefined) {
      const callerPhone = shownNumber(numberOrUserOf(event.from.uri));
      const callerName = shownName(event.from.displayName ?? '');
      const seemsOf = this.#seeminglyOf(event);
      return { kind: 'customer', call: { ...ids, number, callerPhone, callerName, agentId, seemsOf }, trunk };
    }
    const told = readTrunkCall(event.request, trunk);
    return { kind: 'customer', call: { ...ids, ...told, trunkName: trunk.config.name }, trunk };
  }

  /**
   * Devices are not asked who they are when they call a number that anybody may call. Whoever calls by the name of a user from where
   * that user has registered keeps the agent from offers, and may do nothing more by it.
   */
  #seeminglyOf({ from, flow }: InviteEvent): AgentId | undefined {
    const user = numberOrUserOf(from.uri);
    const { devices, accounts } = this.#context;
    return devices.isNear(user, flow) ? accounts.byUsername(user)?.agentId : undefined;
  }

  #admitByTrunk(request: SipRequest, trunk: SipTrunk, flow: Flow): Refusal | undefined {
    const { identity, callsPerSecondMax, tls, host, alternates } = trunk.settings;
    const { name } = trunk.config;
    const hosts = [host, ...alternates.map((server) => server.host)];
    if (tls.requireCertificate && !this.#context.isPeer(flow, tls.authority ?? '', hosts)) {
      return this.#refuse({ status: 403 }, `trunk ${name} did not prove itself by a certificate`);
    }
    // 486 rather than 503, which would make the provider take the whole trunk for dead.
    if (trunk.isFull) return this.#refuse({ status: 486 }, `trunk ${name} has all of its calls`);
    if (callsPerSecondMax !== null) {
      const refusal = this.#context.defence.mayCallIn(trunk.id, callsPerSecondMax);
      if (refusal !== undefined) return this.#refuse(refusal, `trunk ${name} gets too many calls a second`);
    }
    if (identity.anonymous === 'reject' && hidesCaller(request, trunk)) {
      return this.#refuse(
        { status: 433, reason: 'Anonymity Disallowed' },
        `trunk ${name} wants a caller number`,
      );
    }
    const { number } = readTrunkCall(request, trunk);
    return this.#asRefusal(number, this.#context.centre().refusal(number), flow);
  }

  /**
   * A telephone in the provider's network is still a telephone, and so is one behind a proxy from which a trunk sends as well: it
   * shows its account, or calls as a user who has registered over that path. Everybody else from there is the trunk's.
   */
  #trunkOf(request: SipRequest, flow: Flow): SipTrunk | undefined {
    const { trunks, devices } = this.#context;
    if (trunks.size === 0) return undefined;
    const trunk = trunks.ofIncoming(numberOrUserOf(request.uri), flow);
    if (trunk === undefined || !devices.has(flow)) return trunk;
    // Nobody but its provider knows the Contact of a trunk.
    if (numberOrUserOf(request.uri) === trunk.contactUser) return trunk;
    const isDevice = showsAccount(request) || devices.isNear(numberOrUserOf(request.from.uri), flow);
    return isDevice ? undefined : trunk;
  }

  #isEntryPoint(number: string): boolean {
    return this.#context.centre().refusal(number)?.code !== 404;
  }

  #refuse(refusal: Refusal, why: string): Refusal {
    this.#context.log({ code: refusal.status, reason: why }, 'call refused');
    return refusal;
  }

  #asRefusal(
    number: string,
    refusal: { code: number; reason: string } | undefined,
    flow: Flow,
  ): Refusal | undefined {
    if (refusal === undefined) return undefined;
    const { code, reason } = refusal;
    if (code === 404) this.#context.defence.unknownNumber(flow.remoteAddress, number);
    this.#context.log({ number, code, reason }, 'call refused');
    return { status: code, ...(code === 503 ? { headers: [['Retry-After', '30']] } : {}) };
  }
}

function showsAccount(request: SipRequest): boolean {
  return request.header('Authorization') !== undefined || request.header('Proxy-Authorization') !== undefined;
}
