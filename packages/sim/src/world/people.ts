import type { AgentId, ContactId, LegId, RecordingId } from '@crosspoint/contracts';
import type { VirtualClock } from './clock.ts';
import type { AgentBehaviour } from './configuration.ts';
import type { Random } from './random.ts';
import { RemoteLeg } from './remote-leg.ts';
import type { OutsideEffect, World } from './world.ts';

export interface PeopleOptions {
  world: World;
  clock: VirtualClock;
  random: Random;
  /** One way between the machines and a phone, milliseconds. */
  latencyMs: () => number;
}

export interface CallerPlan {
  patienceMs: number;
  talkMs: number;
}

interface Caller {
  leg: RemoteLeg;
  plan: CallerPlan;
  isTalking: boolean;
}

interface Colleague {
  id: AgentId;
  behaviour: AgentBehaviour;
  random: Random;
}

/** A phone that was lost is given up by the carrier after this time (no sound, no answer to re-INVITE). */
const lossNoticedMs = 20_000;
/** An INVITE that nothing answers: timer B of RFC 3261 §17.1.1.2. */
const inviteTimeoutMs = 32_000;

/** Callers and agents with their phones: everything outside the machines, acting by chance and by plan. */
export class People {
  readonly #options: PeopleOptions;
  readonly #callers = new Map<ContactId, Caller>();
  readonly #agents = new Map<AgentId, Colleague>();
  readonly #legs = new Map<LegId, RemoteLeg>();
  readonly #recordings = new Map<RecordingId, number>();

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  addAgent(id: AgentId, behaviour: AgentBehaviour): void {
    this.#agents.set(id, { id, behaviour, random: this.#options.random.fork() });
  }

  addCaller(contactId: ContactId, legId: LegId, plan: CallerPlan): void {
    const leg = this.#addLeg(legId, contactId);
    const caller = { leg, plan, isTalking: false };
    this.#callers.set(contactId, caller);
    this.#options.clock.after(plan.patienceMs, () => {
      if (!caller.isTalking) this.#hangUp(leg);
    });
  }

  forget(contactId: ContactId): void {
    this.#callers.delete(contactId);
    for (const [legId, leg] of this.#legs) if (leg.contactId === contactId) this.#legs.delete(legId);
  }

  /** What the machines want from the outside. */
  act(contactId: ContactId, effect: OutsideEffect): void {
    switch (effect.type) {
      case 'leg.dial':
        return this.#ring(contactId, effect.legId, effect.agentId);
      case 'leg.answer':
      case 'leg.reject':
      case 'leg.hangup':
        return this.#command(effect);
      case 'media.bridge':
        return this.#talk(contactId, effect.a, effect.b);
      case 'recording.start':
        this.#recordings.set(effect.recordingId, this.#options.clock.now);
        return;
      case 'recording.stop':
        return this.#closeRecording(contactId, effect.recordingId);
      default:
        return;
    }
  }

  #command(effect: Extract<OutsideEffect, { type: 'leg.answer' | 'leg.reject' | 'leg.hangup' }>): void {
    const leg = this.#legs.get(effect.legId);
    leg?.command(() => {
      if (effect.type === 'leg.answer') leg.answer();
      else if (effect.type === 'leg.hangup') leg.hungUp(effect.code);
      else leg.state = 'over';
    });
  }

  /** The agent's phone rings, and the agent does what agents do. */
  #ring(contactId: ContactId, legId: LegId, agentId: AgentId): void {
    const agent = this.#agents.get(agentId);
    const leg = this.#addLeg(legId, contactId);
    if (agent === undefined) return;
    const { random, behaviour } = agent;
    const { clock } = this.#options;
    leg.command(() => {
      const draw = random.unit();
      const { isBusy, deviceFails, rejects, doesNotAnswer, answerSecondsMean } = behaviour;
      if (draw < isBusy) return leg.end({ code: 486, reason: 'Busy Here', by: 'remote' });
      if (draw < isBusy + deviceFails) {
        clock.after(inviteTimeoutMs, () => leg.end({ code: 408, reason: 'no-response', by: 'timeout' }));
        return;
      }
      leg.report({ type: 'leg.ringing', legId });
      if (draw < isBusy + deviceFails + doesNotAnswer) return;
      const isRejected = draw < isBusy + deviceFails + doesNotAnswer + rejects;
      clock.after(1000 * random.exponential(answerSecondsMean), () => {
        if (isRejected) leg.end({ code: 603, reason: 'Decline', by: 'remote' });
        else leg.answer();
      });
    });
  }

  /** Both hear each other: sometimes one is put on hold, and in the end somebody hangs up or is lost. */
  #talk(contactId: ContactId, customerLegId: LegId, agentLegId: LegId): void {
    const caller = this.#callers.get(contactId);
    const customer = this.#legs.get(customerLegId);
    const agent = this.#legs.get(agentLegId);
    if (caller === undefined || customer === undefined || agent === undefined) return;
    caller.isTalking = true;
    const { clock, random } = this.#options;
    const { talkMs } = caller.plan;
    const behaviour = this.#behaviourOf(contactId);
    if (behaviour !== undefined && random.chance(behaviour.holds)) {
      this.#hold(
        contactId,
        agent,
        talkMs * random.unit(),
        1000 * random.exponential(behaviour.holdSecondsMean),
      );
    }
    const isLost = behaviour !== undefined && random.chance(behaviour.vanishes);
    const whoEnds = random.chance(0.6) ? customer : agent;
    clock.after(talkMs, () => {
      if (!isLost) return this.#hangUp(whoEnds);
      clock.after(lossNoticedMs, () => agent.end({ code: 0, reason: 'media-timeout', by: 'transport' }));
    });
  }

  #hold(contactId: ContactId, leg: RemoteLeg, afterMs: number, forMs: number): void {
    const { clock, random, world } = this.#options;
    const agentId = this.#agentOf(contactId);
    const byCommand = random.chance(0.5);
    const change = (held: boolean) => {
      if (leg.state !== 'up') return;
      if (!byCommand) leg.report({ type: held ? 'leg.held' : 'leg.resumed', legId: leg.id });
      else if (agentId !== undefined) {
        world.tellContact(contactId, { type: held ? 'hold.requested' : 'resume.requested', agentId });
      }
    };
    clock.after(afterMs, () => change(true));
    clock.after(afterMs + forMs, () => change(false));
  }

  #hangUp(leg: RemoteLeg): void {
    leg.end({ code: leg.state === 'up' ? 200 : 487, reason: 'hung-up', by: 'remote' });
  }

  #closeRecording(contactId: ContactId, recordingId: RecordingId): void {
    const { clock, world, latencyMs } = this.#options;
    const startedAt = this.#recordings.get(recordingId) ?? clock.now;
    this.#recordings.delete(recordingId);
    const durationMs = clock.now - startedAt;
    clock.after(latencyMs(), () => {
      const closed = { durationMs, result: 'complete', reason: 'stopped' } as const;
      world.tellContact(contactId, { type: 'recording.ended', recordingId, ...closed });
    });
  }

  #addLeg(legId: LegId, contactId: ContactId): RemoteLeg {
    const leg = new RemoteLeg(legId, contactId, this.#options);
    this.#legs.set(legId, leg);
    return leg;
  }

  #agentOf(contactId: ContactId): AgentId | undefined {
    const legs = this.#options.world.contacts.get(contactId)?.view().legs ?? [];
    return legs.find((leg) => leg.party === 'agent')?.agentId ?? undefined;
  }

  #behaviourOf(contactId: ContactId): AgentBehaviour | undefined {
    const agentId = this.#agentOf(contactId);
    return agentId === undefined ? undefined : this.#agents.get(agentId)?.behaviour;
  }
}
