import type { AgentFact, AgentId, ContactId, QueueId } from '@crosspoint/contracts';
import type { VirtualClock } from './clock.ts';
import { type AgentBehaviour, type SimulatedAgent, usualAgent } from './configuration.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** After this an agent notices that the centre has set him Not Responding, and comes back. */
const noticesAfterMs = 60_000;

interface Member {
  name: string;
  behaviour: AgentBehaviour;
  random: Random;
}

export interface StaffOptions {
  world: World;
  clock: VirtualClock;
  /** No break begins after this. */
  endAt: number;
}

/** What the agents do beside their phones: they come to work, take breaks, finish their wrap-up. */
export class Staff {
  readonly members = new Map<AgentId, Member>();
  readonly #options: StaffOptions;

  constructor(options: StaffOptions) {
    this.#options = options;
  }

  /** The agent signs in on a device that can be reached. */
  add(id: AgentId, agent: SimulatedAgent, random: Random, queueId: (name: string) => QueueId): Member {
    const { name, queues, capacity = 1, behaviour = {} } = agent;
    const { world } = this.#options;
    const member = { name, behaviour: { ...usualAgent, ...behaviour }, random };
    this.members.set(id, member);
    const memberships = queues.map((membership) => ({
      queueId: queueId(membership.name),
      priority: membership.priority ?? 1,
      delaySeconds: membership.delaySeconds ?? 0,
      weight: membership.weight ?? 1,
    }));
    world.tellDistributor({ type: 'agent.configured', agent: { id, capacity, queues: memberships } });
    world.tellDistributor({ type: 'device.changed', agentId: id, reachable: true, reason: 'registered' });
    this.#chooseStatus(id, 'available');
    this.#planBreak(id, member);
    return member;
  }

  /** A wrap-up without a deadline waits for the agent. */
  wrapUp(agentId: AgentId, contactId: ContactId): void {
    const member = this.members.get(agentId);
    if (member === undefined) return;
    const { clock, world } = this.#options;
    clock.after(1000 * member.random.exponential(member.behaviour.wrapUpSecondsMean), () =>
      world.tellDistributor({ type: 'wrapup.finished', agentId, contactId, by: 'agent' }),
    );
  }

  notice(fact: AgentFact): void {
    if (fact.type !== 'activity.changed' || fact.data.activity !== 'not-responding') return;
    this.#options.clock.after(noticesAfterMs, () => this.#chooseStatus(fact.agentId, 'available'));
  }

  #planBreak(id: AgentId, member: Member): void {
    const { behaviour, random } = member;
    const { clock, endAt } = this.#options;
    if (behaviour.breaksPerHour === 0) return;
    const breakAt = clock.now + (3_600_000 / behaviour.breaksPerHour) * random.exponential(1);
    if (breakAt > endAt) return;
    clock.at(breakAt, () => {
      this.#chooseStatus(id, 'break');
      clock.after(1000 * random.exponential(behaviour.breakSecondsMean), () => {
        this.#chooseStatus(id, 'available');
        this.#planBreak(id, member);
      });
    });
  }

  #chooseStatus(agentId: AgentId, status: 'available' | 'break'): void {
    const reasonCode = status === 'break' ? 'pause' : null;
    const by = { by: 'agent', byUserId: agentId } as const;
    this.#options.world.tellDistributor({ type: 'status.chosen', agentId, status, reasonCode, ...by });
  }
}
