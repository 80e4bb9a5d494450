import { PROBLEMS, type Problem, type ProblemCode } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checked, fieldErrors } from '../field-errors.ts';
import { languageOf, translated } from './index.ts';
import { DETAILS, MESSAGES, NOUNS, REMEDIES, TITLES } from './sentences.ts';

const problem = (extras: Partial<Problem> = {}): Problem => ({
  ...{ type: 'urn:x', title: PROBLEMS['not-found'].title, status: 404, code: 'not-found' },
  ...{ detail: 'There is no queue 7. It may have been deleted; read the list again.', instance: 'urn:y' },
  ...extras,
});

describe('[I18N-02] a refusal', () => {
  test.each([
    [undefined, 'en'],
    ['*', 'en'],
    ['cs', 'cs'],
    ['es-MX,es;q=0.9,en;q=0.8', 'es'],
    ['de, cs;q=0.4, es;q=0.7', 'es'],
    ['cs;q=0, es;q=x, en;q=0.1', 'en'],
  ])('is asked for in a language: %s', (accepted, language) => {
    expect(languageOf(accepted)).toBe(language);
  });

  test('has its title in each language', () => {
    for (const [code, { title }] of Object.entries(PROBLEMS)) {
      for (const language of ['es', 'cs'] as const) {
        const said = translated(problem({ code: code as ProblemCode, title }), language);
        expect(said.title, code).not.toBe(title);
      }
    }
  });

  test('fills in what it is about', () => {
    expect(translated(problem(), 'en')).toEqual(problem());
    expect(translated(problem(), 'es').detail).toBe(
      'No existe: cola 7. Puede haberse eliminado; lea la lista de nuevo.',
    );
    expect(translated(problem(), 'cs').detail).toBe(
      'Neexistuje: fronta 7. Možná to bylo smazáno; načtěte seznam znovu.',
    );
    const detail = 'The role agent does not permit this. Ask an administrator for one that has queues.write.';
    expect(translated(problem({ detail }), 'es').detail).toBe(
      'El rol agent no lo permite. Pida a un administrador uno que tenga queues.write.',
    );
    const own = problem({ detail: 'The script stopped at line 3.' });
    expect(translated(own, 'cs').detail).toBe(own.detail);
  });

  test('says of each kind of fault what is wrong and what to write instead', () => {
    const schema = z.strictObject({
      ...{ text: z.string().min(2), long: z.string().max(1), count: z.number().int().min(3), id: z.uuid() },
      ...{ list: z.array(z.int()).min(2), few: z.array(z.int()).max(1), kind: z.enum(['a', 'b']) },
      ...{ at: z.iso.datetime(), on: z.boolean(), big: z.number().max(4), gone: z.string() },
    });
    const input = {
      ...{ text: 'x', long: 'xx', count: 1, id: 'x', list: [1], few: [1, 2], kind: 'c', at: 'x', on: 1 },
      ...{ big: 5, colour: 'red' },
    };
    const errors = fieldErrors(checked(schema, input).error?.issues ?? [], input);
    expect(errors).toHaveLength(12);
    const detail = `${errors[0]?.path} ${errors[0]?.message} (and 11 more).`;
    for (const language of ['es', 'cs'] as const) {
      const said = translated(problem({ errors, detail }), language);
      said.errors?.forEach((error, index) => {
        expect(error.message, error.path).not.toBe(errors[index]?.message);
        expect(error.remedy, error.path).not.toBe(errors[index]?.remedy);
        expect(error.path).toBe(errors[index]?.path);
      });
      expect(said.detail).toContain(`${said.errors?.[0]?.path} ${said.errors?.[0]?.message} (`);
    }
    expect(translated(problem({ errors, detail }), 'cs').detail).toBe(
      'text musí mít délku aspoň 2 (a další: 11).',
    );
  });

  test('has the same blanks in every language', () => {
    const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted();
    for (const [en, es, cs] of [...TITLES, ...MESSAGES, ...REMEDIES, ...DETAILS, ...NOUNS]) {
      expect(blanks(es), en).toEqual(blanks(en));
      expect(blanks(cs), en).toEqual(blanks(en));
    }
  });
});
