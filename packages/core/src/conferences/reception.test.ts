import { PromptLanguage } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { createFlowSession, type FlowEffect, type FlowInput } from '../ivr/index.ts';
import { conferenceReception, conferenceServices, conferenceTexts } from './reception.ts';

/** A caller of paper: whatever is said is heard at once. */
class Caller {
  readonly session;
  readonly steps: { node: string; input: string }[] = [];
  readonly heard: string[] = [];
  asked: Extract<FlowEffect, { type: 'request' }> | undefined;
  timerAt = 0;
  ended = '';

  constructor(fromDesk = false) {
    this.session = createFlowSession(conferenceReception('cs', fromDesk), {
      flow: () => undefined,
      hours: () => undefined,
    });
    this.send({ type: 'started', caller: { callerPhone: '1', callerName: '', number: '800' } });
  }

  send(input: FlowInput): void {
    for (const effect of this.session.handle(input, 0)) {
      if (effect.type === 'say') {
        for (const each of effect.utterances) if (each.kind === 'text') this.heard.push(each.text);
      } else if (effect.type === 'request') this.asked = effect;
      else if (effect.type === 'timer.set') this.timerAt = effect.at;
      else if (effect.type === 'passed') this.steps.push(effect.step);
      else if (effect.type === 'ended') this.ended = effect.reason;
    }
  }

  key(digits: string): void {
    for (const digit of digits) this.send({ type: 'digit', digit });
  }

  answer(way: string, tries = 0): void {
    const id = this.asked?.id ?? 0;
    this.send({ type: 'request.done', id, result: 'done', reason: way, values: { tries } });
  }
}

describe('the reception of conferences', () => {
  test('[REC-1] asks for the PIN, passes it on, and shows it in no step', () => {
    const caller = new Caller();
    caller.key('123456789#');
    expect(caller.asked?.request).toMatchObject({
      ...{ kind: 'service', service: 'conference.enter' },
      values: { pin: '123456789' },
    });
    expect(caller.timerAt).toBeGreaterThan(24 * 3_600_000);
    expect(JSON.stringify(caller.steps)).not.toContain('1234');
  });

  test('[REC-1] asks again after a wrong one, and knows that it was too often', () => {
    const caller = new Caller();
    caller.key('1#');
    caller.answer('wrong-pin', 1);
    caller.send({ type: 'said' });
    caller.key('2#');
    expect(caller.asked?.request).toMatchObject({ values: { pin: '2', tries: 1 } });
    caller.answer('too-many-tries', 3);
    expect(caller.heard.at(-1)).toMatch(/^Příliš mnoho/);
    caller.send({ type: 'said' });
    expect(caller.ended).toBe('flow-ended');
  });

  test('[REC-2] tells who waits for a moderator, and asks to let them in all the same', () => {
    const caller = new Caller();
    caller.key('123456789#');
    caller.answer('no-moderator');
    expect(caller.heard.at(-1)).toMatch(/^Moderátor ještě/);
    caller.send({ type: 'said' });
    expect(caller.asked?.request).toMatchObject({ service: 'conference.wait' });
    caller.answer('no-moderator');
    expect(caller.heard.at(-1)).toMatch(/^Moderátor nepřišel/);
  });

  test('[REC-3] asks nobody who comes from the desk', () => {
    expect(new Caller(true).asked?.request).toMatchObject({ service: 'conference.enter' });
  });

  test('[REC-1] every way leads somewhere, and every text is in every language', () => {
    const { nodes } = conferenceReception('en', false);
    const services = Object.values(nodes).flatMap((node) => (node.kind === 'service' ? [node] : []));
    expect(services.map(({ service }) => service)).toEqual([...conferenceServices]);
    for (const { ways, failed } of services) {
      for (const to of [...Object.values(ways), failed]) expect(nodes).toHaveProperty([to]);
    }
    for (const text of conferenceTexts) expect(Object.keys(text)).toEqual([...PromptLanguage.options]);
  });
});
