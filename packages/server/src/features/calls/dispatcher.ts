import type { ContactId } from '@crosspoint/contracts';
import type { ContactEffect, ContactInput, DistributorEffect, DistributorInput } from '@crosspoint/core';
import { type CentreState, emptyTurn, type TurnOutput } from './state.ts';
import { Deadlines, MachineTimers } from './timers.ts';

type Work =
  | { to: 'distributor'; input: DistributorInput }
  | { to: 'contact'; contactId: ContactId; input: ContactInput };

/** Acts on effects; may post further inputs, which are handled after the current ones. */
export interface EffectHandlers {
  ofContact(contactId: ContactId, effect: ContactEffect, now: number, turn: TurnOutput): void;
  ofDistributor(effect: DistributorEffect, now: number, turn: TurnOutput): void;
  /** A contact's machine is about to get this. */
  contactInput(contactId: ContactId, input: ContactInput, now: number): void;
  /** Has everybody outside wait for the end of the turn. */
  together(turn: () => void): void;
  /** The turn is over: everything it produced is stored and shown. */
  turnEnded(turn: TurnOutput): void;
  /** A machine threw, or what acts on its effects: a bug. The contact is ended, the process goes on. */
  machineFailed(who: string, what: unknown, error: unknown): void;
}

/** Above this a turn is a loop between machines, which would hang the process. */
const turnInputsMax = 100_000;

/**
 * Feeds the machines of one centre: one input at a time, effects in order, inputs that effects cause at the end of
 * the queue. A turn ends when nothing is left; then its facts go to the writer in one piece.
 */
export class Dispatcher {
  /** Of all machines that this one feeds. */
  readonly deadlines: Deadlines;
  readonly distributorTimers: MachineTimers;
  readonly #state: CentreState;
  readonly #handlers: EffectHandlers;
  readonly #now: () => number;
  #queue: Work[] = [];
  #running = false;

  constructor(state: CentreState, handlers: EffectHandlers, now: () => number) {
    this.#state = state;
    this.#handlers = handlers;
    this.#now = now;
    this.deadlines = new Deadlines(now);
    this.distributorTimers = new MachineTimers(this.deadlines, (name) =>
      this.toDistributor({ type: 'timer.due', name }),
    );
  }

  toDistributor(input: DistributorInput): void {
    this.#post({ to: 'distributor', input });
  }

  /** An input for a contact that is closed meanwhile is dropped: nothing of it is left to change. */
  toContact(contactId: ContactId, input: ContactInput): void {
    this.#post({ to: 'contact', contactId, input });
  }

  #post(work: Work): void {
    this.#queue.push(work);
    if (!this.#running) this.#handlers.together(this.#turn);
  }

  readonly #turn = (): void => this.#run();

  #run(): void {
    this.#running = true;
    const now = this.#now();
    const turn = emptyTurn();
    try {
      for (let index = 0; index < this.#queue.length; index++) {
        if (index > turnInputsMax) {
          this.#handlers.machineFailed('dispatcher', this.#queue[index], new Error('turn does not end'));
          break;
        }
        const work = this.#queue[index];
        if (work !== undefined) this.#handle(work, now, turn);
      }
    } finally {
      this.#queue = [];
      this.#running = false;
    }
    this.#handlers.turnEnded(turn);
  }

  #handle(work: Work, now: number, turn: TurnOutput): void {
    if (work.to === 'distributor') {
      for (const effect of this.#decide(work, now)) {
        this.#act('distributor', effect, () => this.#handlers.ofDistributor(effect, now, turn));
      }
      return;
    }
    const machine = this.#state.contacts.get(work.contactId)?.machine;
    if (machine === undefined) return;
    this.#handlers.contactInput(work.contactId, work.input, now);
    let effects: ContactEffect[];
    try {
      effects = machine.handle(work.input, now);
    } catch (error) {
      this.#handlers.machineFailed(`contact ${work.contactId}`, work.input, error);
      return;
    }
    for (const effect of effects) {
      const act = () => this.#handlers.ofContact(work.contactId, effect, now, turn);
      this.#act(`contact ${work.contactId}`, effect, act);
    }
  }

  /** What cannot be done for one contact keeps neither the rest of its effects nor the rest of the turn from being done. */
  #act(who: string, effect: ContactEffect | DistributorEffect, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#handlers.machineFailed(who, effect, error);
    }
  }

  #decide(work: { input: DistributorInput }, now: number): DistributorEffect[] {
    try {
      // Chance decides here about weighted draws among agents, and who is the control of predictive routing.
      return this.#state.distributor.handle(work.input, now, (Math.random() * 2 ** 32) | 0);
    } catch (error) {
      this.#handlers.machineFailed('distributor', work.input, error);
      return [];
    }
  }
}
