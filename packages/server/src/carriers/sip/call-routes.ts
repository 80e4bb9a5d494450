import type { LegId, TenantId } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';
import {
  type Binding,
  type OutgoingDiversion,
  writeDiversions,
  writeHistory,
  writeIdentity,
} from '@crosspoint/sip';
import type { CallCommand, DialCommand, Diversion } from '../door.ts';
import { contactFlow } from './addressing.ts';
import type { AgentEndpoints } from './agent-endpoints.ts';
import { type DeviceSounds, soundsOfTrunk } from './device-sounds.ts';
import type { LineDefence } from './defence/index.ts';
import type { CallStage, CallWay } from './call-stages.ts';
import type { CountedCall } from './leg-snapshot.ts';
import type { SipTrunk } from './trunk.ts';
import { numberForProvider } from './trunk-numbers.ts';
import { routesTo } from './trunk-route.ts';
import { type TrunkTarget, uriHost } from './trunk-targets.ts';
import type { SipTrunks } from './trunks.ts';

/** How a leg is to be called, and who counts it. */
export interface CallPlan {
  stages: CallStage[];
  /** The call is up. */
  answered?: (() => void) | undefined;
  /** The call is over, whether it was up or not. */
  ended?: (() => void) | undefined;
}

export interface CallRoutesContext {
  trunks: SipTrunks;
  endpoints: AgentEndpoints;
  sounds: DeviceSounds;
  /** That device has answered a call. */
  hasAnswered: (binding: Binding) => void;
  defence: Pick<LineDefence, 'mayDial' | 'callResumed' | 'callAnswered' | 'callEnded'>;
  tenantId: () => TenantId;
  /** Our address in the sight of that one. */
  hostTowards: (remoteAddress: string) => string;
}

/** A device that says nothing, not even 100, is passed over after this time: for another one, or for another agent. */
const deviceSilenceMaxMs = 4_000;
/** A provider's server that does not even say 100 by then is given up for the next one. */
const trunkSilenceMaxMs = 4_000;
/** Most servers that one call tries, over all trunks. */
const waysMax = 12;

/** Finds the ways to an agent and to a number outside. */
export class CallRoutes {
  readonly #context: CallRoutesContext;

  constructor(context: CallRoutesContext) {
    this.#context = context;
  }

  /** At once for devices, later when a number outside is among the agent's endpoints. */
  toAgent(command: DialCommand): CallPlan | Promise<CallPlan> {
    const { endpoints } = this.#context;
    const { stages, external } = endpoints.of(command.agentId);
    const devices = stages.map(({ bindings, ringTimeoutMs }) => ({
      ringTimeoutMs,
      branches: bindings.map((binding) => ({ ways: [this.#deviceWay(command, binding)] })),
    }));
    if (external.length === 0) return { stages: devices };
    return this.#withExternal(command, devices, external);
  }

  /** At once to the pages of the console in which the agent is registered, to go on with a call that is up. */
  toBrowser(command: DialCommand): CallPlan {
    const branches = this.#context.endpoints.browsersOf(command.agentId).map((binding) => {
      const way = this.#deviceWay(command, binding);
      return { ways: [{ ...way, headers: [...way.headers, resumptionHeader] }] };
    });
    return { stages: branches.length === 0 ? [] : [{ branches, ringTimeoutMs: 0 }] };
  }

  async toNumber(command: CallCommand): Promise<CallPlan | { refusal: LegEnd }> {
    const found = await this.#waysTo(command, command.trunkId);
    if ('refusal' in found) return found;
    const { ways, ...counted } = found;
    return { stages: [{ branches: [{ ways }], ringTimeoutMs: 0 }], ...counted };
  }

  /** Why no trunk would take a call to that number; undefined when one might. */
  refusalOf(number: string): { code: number; reason: string } | undefined {
    const { trunks, tenantId } = this.#context;
    const all = trunks.ofTenant(tenantId()).map(candidateOf);
    return routesTo(number, all).length === 0 ? { code: 404, reason: 'no-route' } : undefined;
  }

  /** Counts an answered call of a former process, against its trunk and the limits of calls out; returns what ends that. */
  countAgain(legId: LegId, { trunkId, direction, toll }: CountedCall): () => void {
    const trunk = this.#context.trunks.get(trunkId);
    const { defence } = this.#context;
    trunk?.callStarted(direction);
    if (toll !== undefined) defence.callResumed({ callId: legId, trunkId, ...toll });
    return () => {
      trunk?.callEnded(direction);
      defence.callEnded(legId);
    };
  }

  /** Whether a trunk that is not known to be down takes calls to that number. */
  isReachable(number: string): boolean {
    const { trunks, tenantId } = this.#context;
    const alive = trunks.ofTenant(tenantId()).filter(({ isDown }) => !isDown);
    return routesTo(number, alive.map(candidateOf)).length > 0;
  }

  #deviceWay(command: DialCommand, binding: Binding): CallWay {
    const { contact, flow, aor, path = [] } = binding;
    const { endpoints, sounds } = this.#context;
    const host = uriHost(this.#context.hostTowards(flow.remoteAddress));
    const caller = encodeURIComponent(command.callerPhone).replace('%2B', '+');
    const name = displayName(command.callerName || command.callerPhone, command.queueName);
    return {
      uri: contact,
      flow: contactFlow(binding),
      from: `"${name}" <sip:${caller === '' ? 'anonymous' : caller}@${host}>`,
      to: `<${aor}>`,
      route: path,
      headers: [['X-Crosspoint-Contact', command.contactId]],
      ...sounds.of(binding, endpoints.srtpOf(command.agentId)),
      soundTaken: (sound) => {
        sounds.learn(binding, sound);
        this.#context.hasAnswered(binding);
      },
      silenceMaxMs: deviceSilenceMaxMs,
      isPassedOver: true,
    };
  }

  async #withExternal(
    command: DialCommand,
    devices: CallStage[],
    external: ReturnType<AgentEndpoints['of']>['external'],
  ): Promise<CallPlan> {
    const stages = devices.map(({ ringTimeoutMs, branches }) => ({ ringTimeoutMs, branches: [...branches] }));
    const plan: CallPlan = { stages };
    for (const { number, confirmKey, stage } of external) {
      const divertedFrom = { number: command.number, reason: 'follow-me' };
      const found = await this.#waysTo({ ...command, number, divertedFrom }, undefined);
      if ('refusal' in found) continue;
      plan.answered = found.answered;
      plan.ended = found.ended;
      stages[stage]?.branches.push({ ways: found.ways, confirmKey: confirmKey ?? undefined });
    }
    return plan;
  }

  async #waysTo(
    command: Pick<CallCommand, 'legId' | 'agentId' | 'number' | 'contactId' | 'divertedFrom'>,
    wanted: CallCommand['trunkId'],
  ): Promise<({ ways: CallWay[] } & Omit<CallPlan, 'stages'>) | { refusal: LegEnd }> {
    const { trunks, tenantId, defence } = this.#context;
    const candidates = trunks.ofTenant(tenantId()).filter(({ id }) => wanted === undefined || id === wanted);
    const routes = routesTo(command.number, candidates.map(candidateOf))
      // A trunk that is known to be down is tried last rather than never: what is known may be out of date.
      .toSorted((a, b) => Number(trunks.get(a.trunkId)?.isDown) - Number(trunks.get(b.trunkId)?.isDown));
    const { legId: callId, agentId } = command;
    const ways: CallWay[] = [];
    let allowed = false;
    let why: LegEnd = { code: 404, reason: 'no-route', by: 'local' };
    for (const { trunkId, number, dialled } of routes) {
      const trunk = trunks.get(trunkId);
      if (trunk === undefined) continue;
      const judge = () => defence.mayDial({ callId, agentId, trunkId, number });
      if (!allowed) {
        const verdict = judge();
        if (!verdict.allowed) {
          why = { code: 403, reason: verdict.refusal.reason, by: 'local' };
          if (verdict.refusal.scope === 'trunk') continue;
          break;
        }
        allowed = true;
      }
      const { targets, fault } = await trunk.callTargets();
      if (targets.length === 0) why = { code: 503, reason: fault.slice(0, 64), by: 'local' };
      // Asked again when its turn comes: the call counts where it goes.
      const mayUse = () => judge().allowed;
      const headers = diversionHeaders(trunk, command.divertedFrom, dialled);
      const call = { dialled, headers, toll: { agentId, number } };
      ways.push(...targets.map((target) => this.#trunkWay(trunk, target, call, mayUse)));
    }
    if (ways.length === 0) {
      if (allowed) defence.callEnded(callId);
      return { refusal: why };
    }
    return {
      ways: ways.slice(0, waysMax),
      answered: () => defence.callAnswered(callId),
      ended: () => defence.callEnded(callId),
    };
  }

  #trunkWay(
    trunk: SipTrunk,
    target: TrunkTarget,
    {
      dialled,
      headers: more,
      toll,
    }: { dialled: string; headers: [string, string][] } & Required<Pick<CountedCall, 'toll'>>,
    mayUse: () => boolean,
  ): CallWay {
    const { domain, settings, contactUser } = trunk;
    const { identity, register, authentication = register } = settings;
    const user = identity.callerId ?? register?.username;
    const { from, headers } = writeIdentity({
      user: user ?? 'anonymous',
      domain: uriHost(domain),
      style: user === undefined ? 'none' : identityStyles[identity.send],
    });
    const password = authentication?.password;
    const host = uriHost(target.host);
    const port = settings.port === undefined ? '' : `:${target.port}`;
    const uri = `sip:${encodeURIComponent(dialled).replace('%2B', '+')}@${host}${port}`;
    const { trunks } = this.#context;
    const flow = trunks.flowTo(target);
    return {
      uri: target.protocol === 'udp' ? uri : `${uri};transport=${target.protocol}`,
      flow,
      from,
      to: `<sip:${encodeURIComponent(dialled).replace('%2B', '+')}@${uriHost(domain)}>`,
      route: trunk.routeAt(flow),
      headers: [...headers, ...more],
      ...soundsOfTrunk(settings.srtp),
      contactUser,
      credentials:
        authentication === undefined || password === undefined
          ? undefined
          : { username: authentication.username, password },
      silenceMaxMs: trunkSilenceMaxMs,
      counted: { trunkId: trunk.id, direction: 'outgoing', toll },
      begin: () => {
        const current = trunks.get(trunk.id);
        if (current === undefined || current.isFull || !mayUse()) return false;
        current.callStarted('outgoing');
        return true;
      },
      end: once(() => trunk.callEnded('outgoing')),
    };
  }
}

/** Tells a page to answer without ringing: its agent is in this call already. */
const resumptionHeader = ['X-Crosspoint-Resume', 'yes'] as const;

const identityStyles = {
  none: 'none',
  'p-asserted-identity': 'P-Asserted-Identity',
  'p-preferred-identity': 'P-Preferred-Identity',
  'remote-party-id': 'Remote-Party-ID',
} as const;

const candidateOf = ({ id, config, settings }: SipTrunk) => ({ id, name: config.name, settings });

/** Tells the provider which number of ours passes its caller on, so that the called one sees it (RFC 5806, RFC 7044). */
function diversionHeaders(
  { domain, settings }: SipTrunk,
  from: Diversion | undefined,
  dialled: string,
): [string, string][] {
  const { identity, numbering } = settings;
  if (from === undefined || from.number === '' || identity.diversion === 'none') return [];
  const diversion: OutgoingDiversion = {
    user: numberForProvider(from.number, numbering),
    reason: from.reason as OutgoingDiversion['reason'],
    ...{ count: 1, isPrivate: false },
  };
  const host = uriHost(domain);
  return identity.diversion === 'diversion'
    ? writeDiversions([diversion], host).map((value) => ['Diversion', value])
    : writeHistory([diversion], dialled, host).map((value) => ['History-Info', value]);
}

/** The endings of a way and of its leg may both come. */
function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

/** What the agent's device shows: who calls and for which queue; quotes would end the string. */
function displayName(caller: string, queueName: string): string {
  const text = queueName === '' ? caller : `${caller} · ${queueName}`;
  return text.replace(/["\\\r\n]/g, '').slice(0, 80);
}
