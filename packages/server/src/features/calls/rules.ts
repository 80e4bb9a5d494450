import type { ContactFactOf, RoutingTarget } from '@crosspoint/contracts';
import {
  createRuleSet,
  decisionFlow,
  type Decision,
  type EntryTarget,
  type QueueView,
  type RoutingNames,
  type RoutingWorld,
  type RuleSet,
  targetWords,
} from '@crosspoint/core';
import type { IncomingCall } from '../../carriers/door.ts';
import type { PublishedFlow } from '../flows/index.ts';
import {
  type CallerHistory,
  decideWithScripts,
  type PublishedRules,
  routingContact,
  ScriptRunner,
} from '../routing/index.ts';
import { agentNamed } from './configuration.ts';
import type { CentreState, OpenContact } from './state.ts';

export interface CentreRulesContext {
  state: CentreState;
  history: CallerHistory;
  now: () => number;
}

export interface RoutedCall {
  target: EntryTarget;
  /** What is to answer, with the target `flow`. */
  flow: PublishedFlow | undefined;
  fact: ContactFactOf<'routing.decided'>['data'] | undefined;
}

const refused = (reason: string): EntryTarget => ({ kind: 'refuse', code: 480, reason });

/** The published rules, asked for each call to a number that leads to them. */
export class CentreRules {
  readonly #context: CentreRulesContext;
  readonly #scripts = new ScriptRunner();
  #compiled: { from: PublishedRules; set: RuleSet } | undefined;

  constructor(context: CentreRulesContext) {
    this.#context = context;
  }

  /** What rules ask about the centre; each figure is worked out once. */
  world(): RoutingWorld {
    const { state, now } = this.#context;
    const known = new Map<string, QueueView | undefined>();
    let names: RoutingNames | undefined;
    const viewOf = (name: string): QueueView | undefined => {
      if (known.has(name)) return known.get(name);
      const queue = [...state.configuration.queues.values()].find(({ settings }) => settings.name === name);
      const view = queue && state.distributor.queue(queue.id, now());
      known.set(name, view);
      return view;
    };
    return {
      hours: (calendar) => state.configuration.calendars.get(calendar),
      names: () => (names ??= namesIn(state)),
      queue: (name, figure) => {
        const view = viewOf(name);
        if (view === undefined) return undefined;
        switch (figure) {
          case 'waiting':
            return view.waiting;
          case 'ready':
            return view.agentsReady;
          case 'estimated-wait-seconds':
            return view.estimatedWaitMs === null ? undefined : view.estimatedWaitMs / 1_000;
          case 'longest-wait-seconds': {
            const since = view.longestWaitSince;
            return since === null ? 0 : Math.max(0, (now() - since) / 1_000);
          }
        }
      },
    };
  }

  historyOf = (caller: string) => this.#context.history.of(caller, this.#context.now());

  /** A promise where a script has to be asked, which may take a second when many wait. */
  route({
    contactId,
    callerPhone,
    callerName,
    number,
    trunkName = '',
  }: IncomingCall): RoutedCall | Promise<RoutedCall> {
    const published = this.#context.state.configuration.rules;
    if (published === undefined) return { target: refused('no-rules'), flow: undefined, fact: undefined };
    const contact = routingContact(
      { caller: callerPhone, callId: contactId, callerName, dialled: number, trunk: trunkName },
      this.historyOf,
      this.#context.state.segmentsOf,
    );
    const set = this.#setOf(published);
    const [world, nowMs] = [this.world(), this.#context.now()];
    if (!set.hasScripts) return this.#routed(published, set.decide(contact, world, nowMs));
    const decided = decideWithScripts((scripts) => set.decide(contact, world, nowMs, scripts), this.#scripts);
    return decided.then((decision) => this.#routed(published, decision));
  }

  close(): void {
    this.#scripts.close();
  }

  #routed(published: PublishedRules, { rule, target, fallbacks, reason, failures }: Decision): RoutedCall {
    const fact = {
      version: published.version,
      ...(rule === undefined ? {} : { ruleId: rule.id, rule: rule.name }),
      ...{ target: targetWords(target), reason },
      ...(target === undefined ? {} : { to: target }),
      ...(rule === undefined ? {} : { when: rule.when }),
      ...(failures.length === 0 ? {} : { failures: [...failures] }),
    };
    if (rule === undefined || target === undefined) {
      return { target: refused('no-rule'), flow: undefined, fact };
    }
    return { ...this.#entry([target, ...fallbacks], published.version), fact };
  }

  /** A contact is over: what came of it is known of its caller the next time. */
  remember({ callerPhone, queueId, facts }: OpenContact): void {
    const [first] = facts;
    const end = facts.findLast(({ type }) => type === 'contact.ended');
    if (first?.type !== 'contact.started' || first.data.direction !== 'inbound') return;
    if (end?.type !== 'contact.ended') return;
    const { history, state } = this.#context;
    const queue = queueId === null ? undefined : state.configuration.queues.get(queueId);
    history.remember(callerPhone, end.at, queue?.settings.name ?? '', end.data.outcome);
  }

  #setOf(published: PublishedRules): RuleSet {
    if (this.#compiled?.from !== published) {
      this.#compiled = { from: published, set: createRuleSet(published.rules) };
      if (this.#compiled.set.hasScripts) this.#scripts.warm();
    }
    return this.#compiled.set;
  }

  /** A lone queue or flow is entered as if the number led there; everything else is run as a flow. */
  #entry(targets: readonly RoutingTarget[], version: number): Omit<RoutedCall, 'fact'> {
    const { queues, flows } = this.#context.state.configuration;
    const [first] = targets;
    if (targets.length === 1 && first !== undefined && 'end' in first) {
      return { target: { kind: 'refuse', code: 603, reason: 'ended-by-rule' }, flow: undefined };
    }
    if (targets.length === 1 && first !== undefined && 'queue' in first) {
      const queue = [...queues.values()].find(({ settings }) => settings.name === first.queue);
      if (queue === undefined) return { target: refused('unknown-queue'), flow: undefined };
      const record = queue.settings.recording === 'always';
      const { priority, preferredAgent } = first;
      const agentId =
        preferredAgent === undefined
          ? undefined
          : agentNamed(this.#context.state.configuration, preferredAgent);
      const wish = agentId === undefined ? {} : { preferredAgentId: agentId };
      return {
        target: { kind: 'queue', queueId: queue.id, priority, record, greeting: null, ...wish },
        flow: undefined,
      };
    }
    const named =
      targets.length === 1 && first !== undefined && 'flow' in first ? flows.get(first.flow) : undefined;
    const document = named?.document ?? decisionFlow(targets);
    const flow = named ?? { id: document.name as PublishedFlow['id'], version, document };
    return { target: { kind: 'flow' }, flow };
  }
}

function namesIn({ configuration }: CentreState): RoutingNames {
  const { boxes, calendars, flows, queues } = configuration;
  return {
    queues: new Set([...queues.values()].map(({ settings }) => settings.name)),
    calendars: new Set(calendars.keys()),
    hasFlow: (name) => flows.has(name),
    hasVoicemailBox: (name) => boxes.has(name),
    hasAgent: (name) => agentNamed(configuration, name) !== undefined,
  };
}
