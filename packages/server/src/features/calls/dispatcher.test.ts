import type { ContactId } from '@crosspoint/contracts';
import { type ContactEffect, type ContactInput, createDistributor } from '@crosspoint/core';
import { expect, test } from 'vitest';
import { Dispatcher } from './dispatcher.ts';
import type { CentreState, OpenContact } from './state.ts';

const [broken, sound] = ['broken', 'sound'] as [ContactId, ContactId];
const tick: ContactInput = { type: 'timer.due', name: 'tick' };
const cleared = (name: string): ContactEffect => ({ type: 'timer.cleared', name });

/** Contacts whose machines answer each input by that. */
function stateOf(machines: Record<string, (input: ContactInput) => ContactEffect[]>): CentreState {
  const contacts = Object.entries(machines).map(
    ([id, handle]) => [id as ContactId, { id, machine: { handle } } as unknown as OpenContact] as const,
  );
  return { contacts: new Map(contacts), distributor: createDistributor() } as unknown as CentreState;
}

function run(state: CentreState, refused?: string) {
  const acted: string[] = [];
  const failed: string[] = [];
  let turns = 0;
  const dispatcher = new Dispatcher(
    state,
    {
      ofContact: (contactId, effect) => {
        const { name } = effect as { name: string };
        if (name === refused) throw new Error('cannot be done');
        acted.push(`${contactId} ${name}`);
      },
      ofDistributor: () => undefined,
      contactInput: () => undefined,
      together: (turn) => turn(),
      turnEnded: () => void (turns += 1),
      machineFailed: (who, _what, error) => {
        failed.push(`${who}: ${(error as Error).message}`);
        if (who === `contact ${broken}` && failed.length === 1)
          dispatcher.toContact(broken, { type: 'contact.failed', reason: 'internal-error' });
      },
    },
    () => 0,
  );
  for (const contactId of [broken, sound]) dispatcher.toContact(contactId, tick);
  return { acted, failed, turns };
}

test('[OPS-03] a machine that throws ends its own call: it is told so, and others go on', () => {
  const state = stateOf({
    [broken]: (input) => {
      if (input.type === 'contact.failed') return [cleared('ended')];
      throw new Error('assertion failed');
    },
    [sound]: () => [cleared('goes on')],
  });
  expect(run(state)).toEqual({
    acted: ['broken ended', 'sound goes on'],
    failed: ['contact broken: assertion failed'],
    turns: 2,
  });
});

test('[OPS-03] an effect that cannot be done fails its own call, and the others of the turn are done', () => {
  const state = stateOf({
    [broken]: (input) =>
      input.type === 'contact.failed' ? [cleared('ended')] : [cleared('impossible'), cleared('next')],
    [sound]: () => [cleared('goes on')],
  });
  expect(run(state, 'impossible')).toEqual({
    acted: ['broken next', 'broken ended', 'sound goes on'],
    failed: ['contact broken: cannot be done'],
    turns: 2,
  });
});
