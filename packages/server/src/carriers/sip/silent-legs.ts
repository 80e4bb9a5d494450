import type { LegId } from '@crosspoint/contracts';
import type { Flow, SipEvent } from '@crosspoint/sip';
import type { LegSilence } from '../door.ts';
import type { SipCarrier } from './carrier.ts';
import { LegProbes } from './leg-probes.ts';
import { ListeningCallers } from './listening-callers.ts';
import type { SipShell } from './shell.ts';

export interface SilentLegsContext {
  shell: SipShell;
  carrier: SipCarrier;
  now: () => number;
}

/** What becomes of legs from which no sound comes: who may only listen waits, the others are asked and at last ended. */
export class SilentLegs {
  readonly #carrier: SipCarrier;
  readonly #probes: LegProbes;
  readonly #listeners: ListeningCallers;

  constructor({ shell, carrier, now }: SilentLegsContext) {
    this.#carrier = carrier;
    this.#probes = new LegProbes({
      sessionOf: (legId) => (carrier.isLost(legId) ? undefined : carrier.legs.byLeg(legId)?.sessionId),
      run: (action) => shell.run(action),
      vanish: (legId) => carrier.vanish(legId),
    });
    this.#listeners = new ListeningCallers({
      legs: carrier.legs,
      flowOf: (sessionId) => shell.run((stack) => stack.exportSession(sessionId)?.flow),
      now,
    });
  }

  /** Silent for long: its device is asked by OPTIONS, and the leg ends when nothing answers. */
  silent(legId: LegId, silence: LegSilence): void {
    if (!this.#mayListen(legId, silence)) this.#probes.probe(legId);
  }

  /** Neither sound nor reports come from the leg. */
  soundLost(legId: LegId, silence: LegSilence): void {
    if (!this.#mayListen(legId, silence)) this.#carrier.soundLost(legId, 'no-sound');
  }

  answered(event: Extract<SipEvent, { type: 'options-result' }>): void {
    this.#probes.answered(event);
  }

  /** A source has sent what is no SIP message, or its connection has ended. */
  distrust(flow: Flow): void {
    this.#listeners.distrust(flow);
  }

  close(): void {
    this.#probes.close();
  }

  #mayListen(legId: LegId, { neverHeard, silentForMs }: LegSilence): boolean {
    return neverHeard && this.#listeners.mayListen(legId, silentForMs);
  }
}
