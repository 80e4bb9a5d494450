import type { AgentId, LegId } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';
import type { Flow } from '@crosspoint/sip';
import type { CallCommand, DialCommand, LegMedia, LegReport } from '../door.ts';
import { isBrowserFlow } from './addressing.ts';
import type { CallPlan } from './call-routes.ts';
import type { SoundProfile } from './call-stages.ts';
import { newLeg, type SipLeg, type SipLegs } from './leg.ts';
import type { LegSound } from './leg-sound.ts';
import { OutgoingLeg, type OutgoingLegContext } from './outgoing-leg.ts';
import type { SipShell } from './shell.ts';

export interface OutgoingLegsContext {
  shell: SipShell;
  media: LegMedia;
  legs: SipLegs;
  /** Where the agent can be called now, in stages; none when no endpoint can be reached. */
  toAgent: (command: DialCommand) => CallPlan | Promise<CallPlan>;
  /** The ways to a number outside; a refusal when there is none. */
  toNumber: (command: CallCommand) => Promise<CallPlan | { refusal: LegEnd }>;
  /** Nothing was heard from the agent's devices when they were called. */
  devicesSilent: (agentId: AgentId) => void;
  /** Opens a socket under that name, for the far end of that flow. */
  openSound: (leg: SipLeg, mediaLegId: LegId, flow: Flow, profile: SoundProfile) => Promise<LegSound>;
  /** What another process would need to go on with this leg has changed. */
  changed: (leg: SipLeg) => void;
  /** The leg is up now: its far end is told if its sound has moved meanwhile. */
  tellMoved: (leg: SipLeg) => void;
  report: (leg: SipLeg, report: LegReport) => void;
  fail: (leg: SipLeg, end: LegEnd) => void;
  log: (what: string, detail: string) => void;
}

/** Calls of ours until they are answered: the ways to whom they are for, and what comes of them. */
export class OutgoingLegs {
  readonly #context: OutgoingLegsContext;

  constructor(context: OutgoingLegsContext) {
    this.#context = context;
  }

  /** Rings an agent. */
  dial(command: DialCommand): void {
    const leg = newLeg(command, 'callee');
    leg.toAgent = true;
    this.#context.legs.add(leg);
    const plan = this.#context.toAgent(command);
    if (!(plan instanceof Promise) && plan.stages.length > 0) return this.#ring(leg, plan, command);
    // Reported in a later turn, so that the centre has stored its own effects first.
    Promise.resolve(plan).then(
      (found) => this.#ring(leg, found, command),
      (error: Error) =>
        this.#context.fail(leg, { code: 500, reason: error.message.slice(0, 64), by: 'local' }),
    );
  }

  /** Calls a number outside. */
  call(command: CallCommand): void {
    const leg = newLeg(command, 'callee');
    this.#context.legs.add(leg);
    this.#context.toNumber(command).then(
      (found) => {
        if ('refusal' in found) this.#context.fail(leg, found.refusal);
        else this.#ring(leg, found);
      },
      (error: Error) =>
        this.#context.fail(leg, { code: 500, reason: error.message.slice(0, 64), by: 'local' }),
    );
  }

  /** Calls the leg's far end: devices of an agent, or a number outside. */
  #ring(leg: SipLeg, { stages, answered, ended }: CallPlan, dialled?: DialCommand): void {
    leg.release = ended;
    if (leg.hangup !== undefined) return this.#context.fail(leg, leg.hangup);
    if (stages.length === 0) {
      return this.#context.fail(leg, { code: 480, reason: 'device-not-registered', by: 'local' });
    }
    leg.state = 'ringing';
    leg.outgoing = new OutgoingLeg(leg.legId, stages, this.contextOf(leg), {
      ringing: () => {
        // By now it has its credentials, when it was asked for some.
        this.#context.changed(leg);
        this.#context.report(leg, { type: 'ringing' });
      },
      earlyMedia: () => this.#context.report(leg, { type: 'early-media' }),
      answered: ({ sessionId, sound, way }) => {
        leg.outgoing = undefined;
        leg.release = () => {
          way.end?.();
          ended?.();
        };
        const callId = this.#context.shell.stack.dialogOf(sessionId)?.callId ?? sessionId;
        Object.assign(leg, { sound, state: 'up', callId, counted: way.counted });
        this.#context.legs.nameSession(leg, sessionId);
        const { connectionId } = way.flow;
        if (isBrowserFlow(way.flow) && dialled !== undefined && connectionId !== undefined) {
          leg.browser = { command: dialled, connectionId, contact: way.uri };
        }
        answered?.();
        this.#context.changed(leg);
        this.#context.report(leg, { type: 'answered' });
        this.#context.tellMoved(leg);
      },
      failed: (end) => {
        leg.outgoing = undefined;
        const isSilent = end.by === 'timeout' || end.by === 'transport';
        if (isSilent && dialled !== undefined) this.#context.devicesSilent(dialled.agentId);
        this.#context.fail(leg, end);
      },
    });
    leg.outgoing.start();
  }

  /** What the calling side of that leg needs; also of one whose page is called again. */
  contextOf(leg: SipLeg): OutgoingLegContext {
    const { shell, media, log } = this.#context;
    return {
      ...{ shell, media, log },
      openSound: (mediaLegId, flow, profile) => this.#context.openSound(leg, mediaLegId, flow, profile),
      nameSession: (sessionId) => {
        if (leg.callId === '') leg.callId = sessionId;
        this.#context.legs.addSession(leg, sessionId);
      },
      forgetSession: (sessionId) => this.#context.legs.dropSession(sessionId),
      invited: () => this.#context.changed(leg),
    };
  }
}
