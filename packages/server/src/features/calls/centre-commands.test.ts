import type { AgentId, ContactId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { CentreCommands } from './centre-commands.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { CentreState } from './state.ts';

const agentId = 'ann' as AgentId;

/** An agent who wraps up these contacts, each until an instant or until it is finished. */
function wrappingUp(untils: Record<string, number | null>) {
  const contacts = Object.entries(untils).map(([contactId, until]) => ({
    contactId,
    state: 'wrap-up',
    until,
  }));
  const sent: object[] = [];
  const state = { distributor: { agent: () => ({ contacts }) } } as unknown as CentreState;
  const dispatcher = { toDistributor: (input: object) => sent.push(input) } as unknown as Dispatcher;
  return { commands: new CentreCommands(state, dispatcher, () => 0), sent };
}

describe('wrap-up by command', () => {
  test('[CTL-04] is extended where it has an end, and refused where it has none or is over', () => {
    const { commands, sent } = wrappingUp({ timed: 30_000, mandatory: null });
    const extend = (id: string) => commands.extendWrapUp(agentId, id as ContactId, 60_000);
    expect(extend('mandatory')).toMatchObject({ ok: false, code: 'wrap-up-without-end' });
    expect(extend('gone')).toMatchObject({ ok: false, code: 'not-in-wrap-up' });
    expect(sent).toEqual([]);
    expect(extend('timed')).toEqual({ ok: true });
    expect(sent).toEqual([{ type: 'wrapup.extended', agentId, contactId: 'timed', until: 60_000 }]);
  });

  test('[CTL-04] is finished whether it has an end or not', () => {
    const { commands, sent } = wrappingUp({ mandatory: null });
    const actor = { kind: 'agent', userId: null } as never;
    expect(commands.finishWrapUp(agentId, 'mandatory' as ContactId, actor)).toEqual({ ok: true });
    expect(sent).toEqual([{ type: 'wrapup.finished', agentId, contactId: 'mandatory', by: 'agent' }]);
  });
});
