import type { AgentEndpoint, AgentId, RingMode, SrtpUse, TenantId } from '@crosspoint/contracts';
import type { Binding, Flow } from '@crosspoint/sip';
import { isBrowserFlow } from './addressing.ts';
import type { SipAccounts } from './accounts.ts';

/** Where an agent wants to be called, as configured. */
export interface ConfiguredEndpoints {
  agentId: AgentId;
  ringMode: RingMode;
  /** In order; none: every registered device. */
  endpoints: readonly AgentEndpoint[];
}

export interface EndpointStages {
  stages: { bindings: Binding[]; ringTimeoutMs: number }[];
  /** Numbers outside, with the stage that they ring in. */
  external: { number: string; confirmKey: string | null; stage: number }[];
}

export interface AgentEndpointsContext {
  accounts: SipAccounts;
  /** Registered contacts of an account, best first. */
  bindingsOf: (username: string) => Binding[];
  /** The account of the agent's telephone in a page of the console. */
  browserOf: (agentId: AgentId) => string | undefined;
  /** Whether that device answers when it is asked. */
  answers: (binding: Binding) => boolean;
  /** When that device registered or answered last, in milliseconds since the epoch. */
  heardAtMs: (binding: Binding) => number | undefined;
  /** Whether a trunk takes calls to that number now. */
  isReachable: (number: string) => boolean;
}

/** What one endpoint is, and whether it can be called now. */
export interface EndpointState {
  kind: AgentEndpoint['kind'];
  address: string;
  reachable: boolean;
  reason: string;
  /** When one of its devices registered or answered last; null when none is registered, and of a number outside. */
  lastHeartbeatAt: string | null;
}

const everyDevice: readonly AgentEndpoint[] = [
  { kind: 'sip', address: '', enabled: true, ringSeconds: 20, confirmKey: null, srtp: 'off' },
  { kind: 'browser', address: '', enabled: true, ringSeconds: 20, confirmKey: null, srtp: 'off' },
];

/** The endpoints of agents: what is configured, joined with what is registered. */
export class AgentEndpoints {
  readonly #context: AgentEndpointsContext;
  #configured = new Map<AgentId, ConfiguredEndpoints>();
  readonly #tenants = new Map<TenantId, AgentId[]>();

  constructor(context: AgentEndpointsContext) {
    this.#context = context;
  }

  /** Replaces those of one tenant. Agents without any of their own need not be named. */
  configure(tenantId: TenantId, all: readonly ConfiguredEndpoints[]): void {
    for (const agentId of this.#tenants.get(tenantId) ?? []) this.#configured.delete(agentId);
    const own = all.filter(({ endpoints }) => endpoints.length > 0);
    for (const each of own) this.#configured.set(each.agentId, each);
    this.#tenants.set(
      tenantId,
      own.map(({ agentId }) => agentId),
    );
  }

  /** Where the agent can be called now, in the order in which it rings. */
  of(agentId: AgentId): EndpointStages {
    const { ringMode = 'together', endpoints = everyDevice } = this.#configured.get(agentId) ?? {};
    const result: EndpointStages = { stages: [], external: [] };
    for (const endpoint of endpoints) {
      if (!endpoint.enabled) continue;
      const bindings = endpoint.kind === 'external' ? [] : this.#reachableFor(agentId, endpoint.kind);
      const isExternal = endpoint.kind === 'external' && this.#context.isReachable(endpoint.address);
      if (bindings.length === 0 && !isExternal) continue;
      if (ringMode === 'in-order' || result.stages.length === 0) {
        result.stages.push({ bindings: [], ringTimeoutMs: endpoint.ringSeconds * 1000 });
      }
      const stage = result.stages.length - 1;
      result.stages[stage]?.bindings.push(...bindings);
      const { address: number, confirmKey } = endpoint;
      if (isExternal) result.external.push({ number, confirmKey, stage });
    }
    return result;
  }

  /** Each endpoint with its state, as people see it. */
  statesOf(agentId: AgentId): EndpointState[] {
    const account = this.#context.accounts.byAgent(agentId);
    const { endpoints = this.#unconfigured(agentId) } = this.#configured.get(agentId) ?? {};
    return endpoints.map(({ kind, address, enabled }) => {
      const shown = kind === 'external' ? address : account === undefined ? '' : `sip:${account.username}`;
      const state = (reachable: boolean, reason: string, lastHeartbeatAt: string | null = null) => ({
        ...{ kind, address: shown, reachable, reason, lastHeartbeatAt },
      });
      if (!enabled) return state(false, 'disabled');
      if (kind === 'external') {
        const isReachable = this.#context.isReachable(address);
        return state(isReachable, isReachable ? 'trunk-available' : 'no-trunk');
      }
      if (account === undefined && kind === 'sip') return state(false, 'no-account');
      const registered = this.#bindingsFor(agentId, kind);
      if (registered.length === 0) return state(false, 'not-registered');
      const isReachable = registered.some((binding) => this.#context.answers(binding));
      return state(isReachable, isReachable ? 'registered' : 'not-answering', this.#heardLast(registered));
    });
  }

  #heardLast(bindings: readonly Binding[]): string | null {
    const heardAtMs = Math.max(...bindings.map((binding) => this.#context.heardAtMs(binding) ?? -Infinity));
    return Number.isFinite(heardAtMs) ? new Date(heardAtMs).toISOString() : null;
  }

  /** Whether the sound of the agent's telephones is encrypted. */
  srtpOf(agentId: AgentId): SrtpUse {
    const { endpoints = [] } = this.#configured.get(agentId) ?? {};
    return endpoints.find(({ kind }) => kind === 'sip')?.srtp ?? 'off';
  }

  /** Whether one of the states is reachable. The reconciler asks it of every agent in one turn, so that no state is made. */
  isReachable(agentId: AgentId): boolean {
    const { endpoints = everyDevice } = this.#configured.get(agentId) ?? {};
    return endpoints.some(({ kind, address, enabled }) => {
      if (!enabled) return false;
      if (kind === 'external') return this.#context.isReachable(address);
      if (kind === 'sip' && this.#context.accounts.byAgent(agentId) === undefined) return false;
      return this.#reachableFor(agentId, kind).length > 0;
    });
  }

  /** Agents who can be called at a number outside. */
  withExternal(): AgentId[] {
    return [...this.#configured.values()]
      .filter(({ endpoints }) => endpoints.some(({ kind, enabled }) => kind === 'external' && enabled))
      .map(({ agentId }) => agentId);
  }

  /** Without configured endpoints the device that is registered counts: a telephone, a browser, or both. */
  #unconfigured(agentId: AgentId): readonly AgentEndpoint[] {
    const registered = everyDevice.filter(
      ({ kind }) => kind !== 'external' && this.#bindingsFor(agentId, kind).length > 0,
    );
    return registered.length > 0 ? registered : everyDevice.slice(0, 1);
  }

  /** The registered browsers of the agent, the telephone of the console last. */
  browsersOf(agentId: AgentId): Binding[] {
    return this.#bindingsFor(agentId, 'browser');
  }

  /** Where the browser is registered now that has this Contact, by the account of the agent: any but the console. */
  flowOfBrowser(agentId: AgentId, contact: string): Flow | undefined {
    const { accounts, bindingsOf } = this.#context;
    const username = accounts.byAgent(agentId)?.username;
    if (username === undefined) return undefined;
    const binding = bindingsOf(username).find((each) => each.contact === contact);
    return binding !== undefined && isBrowserFlow(binding.flow) ? binding.flow : undefined;
  }

  /** A device that does not answer would only keep the others waiting. */
  #reachableFor(agentId: AgentId, kind: 'sip' | 'browser'): Binding[] {
    return this.#bindingsFor(agentId, kind).filter((binding) => this.#context.answers(binding));
  }

  /** Registered contacts of that kind; of a device that registered over several paths, the best one (RFC 5626). */
  #bindingsFor(agentId: AgentId, kind: 'sip' | 'browser'): Binding[] {
    const { accounts, browserOf, bindingsOf } = this.#context;
    const found: Binding[] = [];
    for (const username of [accounts.byAgent(agentId)?.username, browserOf(agentId)]) {
      if (username === undefined) continue;
      for (const binding of bindingsOf(username)) {
        const { flow, instanceId } = binding;
        if (isBrowserFlow(flow) !== (kind === 'browser')) continue;
        if (instanceId !== undefined && found.some((better) => better.instanceId === instanceId)) continue;
        found.push(binding);
      }
    }
    return found;
  }
}
