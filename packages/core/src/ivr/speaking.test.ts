import { FlowDocument, type FlowPromptPiece } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { faultsOf, FlowCall, flow } from '../../test/flow-kit.ts';
import { utterancesOf } from './speaking.ts';
import { utteranceText } from './utterance-text.ts';

const said = (piece: FlowPromptPiece, value: string | number | boolean): string =>
  utterancesOf([piece], 'en', new Map([['value', value]]))
    .map(utteranceText)
    .join(' ');

describe('values in prompts', () => {
  test.each([
    [{ number: 'value' }, 12_000, 'twelve thousand'],
    [{ number: 'value' }, '-7', 'minus seven'],
    [{ number: 'value' }, 2.5, 'two point five'],
    [{ number: 'value' }, '-0.05', 'minus zero point zero five'],
    [{ number: 'value' }, 1.999, 'two'],
    [{ number: 'value' }, 1_234_567_890.6, 'one two three four five six seven eight nine one'],
    [{ digits: 'value' }, '+42', 'plus four two'],
    [
      { money: 'value', currency: 'EUR' },
      '10250.75',
      'ten thousand two hundred fifty euros and seventy five cents',
    ],
    [{ money: 'value', currency: 'USD' }, 1.005, 'one dollar and one cent'],
    [{ money: 'value', currency: 'USD' }, -1.005, 'minus one dollar and one cent'],
    [{ date: 'value' }, '2026-03-05', 'on March fifth twenty twenty six'],
    [{ date: 'value' }, '2026-03-05T23:30:00Z', 'on March fifth twenty twenty six'],
    [{ date: 'value' }, '02-29', 'on February twenty-ninth'],
    [{ time: 'value' }, '9:05', 'at nine oh five a.m.'],
    [{ time: 'value' }, '2026-03-05T14:30:00+01:00', 'at two thirty p.m.'],
  ] as const)('[FLOW-24] %j of %j is said as "%s"', (piece, value, words) => {
    expect(said(piece, value)).toBe(words);
  });

  test.each([
    [{ number: 'value' }, 'much'],
    [{ number: 'value' }, ''],
    [{ number: 'value' }, true],
    [{ number: 'value' }, 1e21],
    [{ money: 'value', currency: 'EUR' }, '1 234,50'],
    [{ money: 'value', currency: 'EUR' }, Number.MAX_SAFE_INTEGER],
    [{ date: 'value' }, '2026-02-29'],
    [{ date: 'value' }, '13-01'],
    [{ date: 'value' }, 'tomorrow'],
    [{ date: 'value' }, '0000-01-01'],
    [{ time: 'value' }, '24:00'],
    [{ time: 'value' }, '12:60'],
    [{ time: 'value' }, 'noon'],
  ] as const)('[FLOW-24] %j of %j is left out', (piece, value) => {
    expect(said(piece, value)).toBe('');
  });

  test('[FLOW-24] a calculation that cannot be read is found in each kind of value', () => {
    const prompt = [{ money: '(', currency: 'EUR' as const }, { date: '(' }, { time: '(' }, { number: '(' }];
    const document = flow({ bye: { kind: 'end', prompt } });
    expect(faultsOf(document).map(({ path }) => path)).toEqual([
      ...['nodes.bye.prompt.0.money', 'nodes.bye.prompt.1.date', 'nodes.bye.prompt.2.time'],
      'nodes.bye.prompt.3.number',
    ]);
  });
});

describe('names that every object has', () => {
  test('[FLOW-1] no node is called constructor, so that no way to one seems to lead somewhere', () => {
    const nodes = { hello: { kind: 'say', prompt: [{ text: { en: 'Hello' } }], next: 'constructor' } };
    const parsed = FlowDocument.safeParse({ name: 'main', start: 'hello', nodes });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(['nodes.hello.next']);
  });

  test('[FLOW-14] a value that the answer does not have is empty, whatever its variable is called', () => {
    const results = { constructor: 'a', toString: 'b', valueOf: 'c' };
    const document = flow({
      ask: { kind: 'http', url: 'https://crm.example.com/', results, next: 'bye', failed: 'bye' },
      bye: { kind: 'end', prompt: [{ digits: 'toString + constructor + valueOf + "1"' }] },
    });
    const call = new FlowCall(document);
    call.do({ type: 'request.done', id: 1, result: 'done', reason: '', values: {} });
    expect(call.heard).toEqual(['{"kind":"digits","digits":"1"}']);
  });
});
