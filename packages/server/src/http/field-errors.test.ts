import { ContactQuery, FlowNode, QueueInput } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checked, fieldErrors } from './field-errors.ts';

function errorsOf(schema: z.ZodType, input: unknown, prefix?: string) {
  const parsed = schema.safeParse(input);
  return parsed.success ? [] : fieldErrors(parsed.error.issues, input, { prefix });
}

describe('field errors', () => {
  test('[API-01] name field, value, what is wrong and the remedy', () => {
    expect(errorsOf(QueueInput, { name: 'support', ringTimeoutSeconds: 1 })).toEqual([
      { path: 'ringTimeoutSeconds', value: 1, message: 'must be at least 5', remedy: 'Use 5 or more.' },
    ]);
  });

  test('[API-01] an unknown key is named, with all others', () => {
    expect(
      errorsOf(QueueInput, { name: 'support', rings: 1, loud: true }).map((error) => error.path),
    ).toEqual(['rings', 'loud']);
  });

  test('[API-01] a missing field says so', () => {
    expect(errorsOf(QueueInput, {})).toMatchObject([
      { path: 'name', message: 'is missing', remedy: 'Give a string.' },
    ]);
  });

  test('[API-01] a nested field has its whole path', () => {
    const [error] = errorsOf(QueueInput, { name: 'q', wrapUp: { mode: 'sometimes' } });
    expect(error).toMatchObject({
      path: 'wrapUp.mode',
      value: 'sometimes',
      remedy: 'Use one of: none, optional, mandatory, timed.',
    });
  });

  test('[API-01] of a union the nearest branch is told', () => {
    const input = { outcome: ['answered', 'lost'] };
    expect(errorsOf(ContactQuery, input, 'query')).toMatchObject([
      { path: 'query.outcome.1', value: 'lost' },
    ]);
  });

  test('[API-01] a kind that is none, or missing, names those that there are', () => {
    const target = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('queue') }),
      z.object({ kind: z.literal('flow') }),
    ]);
    const remedy = 'Use one of: queue, flow.';
    expect(errorsOf(z.object({ target }), { target: { kind: 'agent' } })).toEqual([
      { path: 'target.kind', value: 'agent', message: 'is not one of the possible values', remedy },
    ]);
    expect(errorsOf(z.object({ target }), { target: {} })).toEqual([
      { path: 'target.kind', message: 'is missing', remedy },
    ]);
  });

  test('[API-01] the name of an entry that is wrong is shown, with what it may be', () => {
    const node = { kind: 'menu', prompt: [], keys: { x: 'bye' }, otherwise: 'bye' };
    expect(errorsOf(FlowNode, node)).toEqual([
      {
        path: 'keys.x',
        value: 'x',
        message: 'is not one of the keys 0 to 9, * and #',
        remedy: 'Name it otherwise, or remove it.',
      },
    ]);
  });

  test('[API-01] where the names of entries are few, they are told', () => {
    const node = { kind: 'end', prompt: [{ text: { fr: 'Au revoir' } }] };
    const { error } = checked(FlowNode, node);
    expect(fieldErrors(error?.issues ?? [], node)).toContainEqual({
      path: 'prompt.0.text.fr',
      message: 'is not known here',
      remedy: 'Remove it, or use one of: en, es, cs.',
    });
  });

  test('[OPS-05] a secret is never shown, at any depth', () => {
    const schema = z.object({ password: z.string().min(8), sip: z.object({ secretKey: z.string().min(8) }) });
    const errors = errorsOf(schema, { password: 'short', sip: { secretKey: 'tiny' } });
    expect(errors).toHaveLength(2);
    expect(JSON.stringify(errors)).not.toMatch(/short|tiny/);
  });

  test('[API-01] a long value is shown in part', () => {
    const [error] = errorsOf(z.object({ name: z.string().max(3) }), { name: 'x'.repeat(5000) });
    expect(String(error?.value).length).toBeLessThan(250);
  });
});
