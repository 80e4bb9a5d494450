import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as contracts from './index.ts';

const { ContactQuery, DialledNumber, Extension, LanguageTag, QueueInput, Skills, Username } = contracts;

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;

describe('what is accepted', () => {
  test.each([
    [
      Username,
      ['alice', 'a', 'alice.novak-2', 'A_1', 'x'.repeat(64)],
      ['', 'x'.repeat(65), '.a', 'a b', 'a@b', 'á'],
    ],
    [Extension, ['101', '*98', '#1', '1'.repeat(32)], ['', 'abc', '1'.repeat(33), '1 1']],
    [
      DialledNumber,
      ['+420555000111', '700', '+420 (555) 000-111', 'support'],
      ['', '+', '1'.repeat(64), '7;0'],
    ],
    [LanguageTag, ['en', 'cs', 'pt-BR', 'zh-Hant-TW'], ['e', 'english', 'en_US', '']],
    [
      Skills,
      [{}, { billing: 1 }, { billing: 5 }],
      [{ billing: 0 }, { billing: 6 }, { billing: 1.5 }, { '': 1 }],
    ],
  ])('[API-01] %#: the limit, and not one above', (schema: z.ZodType, good: unknown[], bad: unknown[]) => {
    for (const value of good) expect(accepts(schema, value), JSON.stringify(value)).toBe(true);
    for (const value of bad) expect(accepts(schema, value), JSON.stringify(value)).toBe(false);
  });

  test('[API-01] a filter is one value or several', () => {
    expect(ContactQuery.parse({ outcome: 'answered' }).outcome).toEqual(['answered']);
    expect(ContactQuery.parse({ outcome: ['answered', 'failed'] }).outcome).toEqual(['answered', 'failed']);
    expect(accepts(ContactQuery, { outcome: [] })).toBe(false);
  });

  test('[QUE-01] a queue needs nothing but a name', () => {
    expect(QueueInput.parse({ name: ' support ' })).toMatchObject({
      name: 'support',
      ringTimeoutSeconds: 15,
    });
    expect(accepts(QueueInput, { name: '  ' })).toBe(false);
  });
});

describe('every schema', () => {
  test('[API-01] has a JSON schema, so that the API’s description is complete', () => {
    for (const [name, schema] of Object.entries(contracts)) {
      if (!(schema instanceof z.ZodType)) continue;
      expect(() => z.toJSONSchema(schema, { io: 'input' }), name).not.toThrow();
    }
  });
});
