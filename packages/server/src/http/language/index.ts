import type { FieldError, Problem } from '@crosspoint/contracts';
import { DETAILS, MESSAGES, NOUNS, REMEDIES, TITLES } from './sentences.ts';

/** In which refusals are said. English is what they are written in. */
type Language = 'en' | 'es' | 'cs';

/** A longer sentence is not looked up: it says what somebody wrote. */
const SENTENCE_LENGTH_MAX = 1000;
const TAGS_MAX = 20;
const columns = { es: 1, cs: 2 } as const;
const nouns = new Map(NOUNS.map((noun) => [noun[0], noun]));

/**
 * The first language of the list that we have, by weight (RFC 9110 §12.5.4).
 *
 * @param accepted the header `Accept-Language`; without it, or with `*`, English.
 */
export function languageOf(accepted: string | undefined): Language {
  const tags = (accepted ?? '').split(',', TAGS_MAX).map((part) => {
    const [tag = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { language: tag.split('-')[0], weight: weight === undefined ? 1 : Number(weight) || 0 };
  });
  const known = tags.filter(({ language, weight }) => weight > 0 && isLanguage(language));
  const best = known.toSorted((a, b) => b.weight - a.weight)[0]?.language;
  return isLanguage(best) ? best : 'en';
}

const isLanguage = (text: string | undefined): text is Language =>
  text === 'en' || text === 'es' || text === 'cs';

/** The problem in another language. What has no translation, such as a sentence about one thing alone, stays in English. */
export function translated(problem: Problem, language: Language): Problem {
  if (language === 'en') return problem;
  const errors = problem.errors?.map((error) => ({
    ...error,
    message: say(messages, error.message, language),
    remedy: say(remedies, error.remedy, language),
  }));
  return {
    ...problem,
    title: say(titles, problem.title, language),
    detail: detailOf(problem, errors, language),
    ...(errors && { errors }),
  };
}

const theBody = { es: 'El cuerpo', cs: 'Tělo' } as const;
const andMore = { es: 'y', cs: 'a další:' } as const;

/** Of faults in fields the detail tells the first one, as `invalid` of the error handler writes it. */
function detailOf(
  { detail, errors: written }: Problem,
  errors: readonly FieldError[] | undefined,
  language: 'es' | 'cs',
): string {
  const [first, original] = [errors?.[0], written?.[0]];
  const subject = original?.path || 'The body';
  if (first === undefined || original === undefined || !detail.startsWith(`${subject} ${original.message}`)) {
    return say(details, detail, language);
  }
  const others = (errors?.length ?? 1) - 1;
  const rest = others === 0 ? '' : ` (${andMore[language]} ${others}${language === 'es' ? ' más' : ''})`;
  return `${first.path || theBody[language]} ${first.message}${rest}.`;
}

type Pattern = readonly [pattern: RegExp, es: string, cs: string];

const patternsOf = (sentences: readonly (readonly [string, string, string])[]): Pattern[] =>
  sentences.map(([en, es, cs]) => {
    const literal = en.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
    return [new RegExp(`^${literal.replaceAll(/\{(\w+)\}/g, '(?<$1>.+?)')}$`, 's'), es, cs];
  });

const [titles, messages, remedies, details] = [TITLES, MESSAGES, REMEDIES, DETAILS].map(patternsOf) as [
  Pattern[],
  Pattern[],
  Pattern[],
  Pattern[],
];

function say(patterns: readonly Pattern[], text: string, language: 'es' | 'cs'): string {
  if (text.length > SENTENCE_LENGTH_MAX) return text;
  for (const pattern of patterns) {
    const found = pattern[0].exec(text);
    if (found === null) continue;
    return pattern[columns[language]].replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = found.groups?.[name] ?? '';
      return name === 'what' ? (nouns.get(value.replaceAll('-', ' '))?.[columns[language]] ?? value) : value;
    });
  }
  return text;
}
