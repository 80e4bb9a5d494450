import type { PromptLanguage } from '@crosspoint/contracts';
import { wordsOf } from './spoken-words.ts';

/** A phrase as an example of what a caller may want. */
export interface Example {
  readonly phrase: string;
  readonly value: string;
}

/** How like an example a text has to be, and how much more like it than any that stands for something else. */
const likenessMin = 0.5;
const leadMin = 0.25;
/** Of the longer word; inflected forms of one word begin alike. */
const sameStemShare = 0.65;
const sameStemMin = 4;

/** Words that say nothing about what somebody wants, without accents as `wordsOf` gives them. */
const empty: Readonly<Record<PromptLanguage, ReadonlySet<string>>> = {
  en: new Set(
    'a about an and am are at be can could do for from get have hello hi i id im in is it like me my need of on or please s some t that the there this to ve want was with would you your'.split(
      ' ',
    ),
  ),
  es: new Set(
    'a al algo buenos buenas con de del dias el en es esta favor hay hola la las lo los me mi mis necesito o para por puede que quiero quisiera se sobre su tardes tengo un una y yo'.split(
      ' ',
    ),
  ),
  cs: new Set(
    'a aby ahoj bych bude by chci chtel chtela chtit dobry den do i ja jak jako je jsem k ke mam me mi mit mne muj moje na nebo o od ohledne po pro prosim s se si tady tak ten to u v ve z za ze'.split(
      ' ',
    ),
  ),
};

/**
 * The example that a text resembles most: by the words that both have, where those that stand for one thing alone count more than
 * those that stand for several. Undefined when it resembles none enough, or two of different value alike.
 *
 * @returns with the likeness, 0.5 to 1.
 */
export function resembled<Each extends Example>(
  text: string,
  examples: readonly Each[],
  language: PromptLanguage,
): { example: Each; likeness: number } | undefined {
  const tellingOf = (words: string): string[] => wordsOf(words).filter((word) => !empty[language].has(word));
  const said = tellingOf(text);
  const known = examples.map((example) => ({ example, words: tellingOf(example.phrase) }));
  const weightOf = (word: string): number => {
    const values = known.filter(({ words }) => words.some((other) => isSameStem(word, other)));
    return 1 / new Set(values.map(({ example }) => example.value)).size;
  };
  let best: { example: Each; likeness: number } | undefined;
  const byValue = new Map<string, number>();
  for (const { example, words } of known) {
    let all = 0;
    let found = 0;
    for (const word of words) {
      const weight = weightOf(word);
      all += weight;
      if (said.some((other) => isSameStem(word, other))) found += weight;
    }
    const likeness = all === 0 ? 0 : found / all;
    byValue.set(example.value, Math.max(likeness, byValue.get(example.value) ?? 0));
    if (best === undefined || likeness > best.likeness) best = { example, likeness };
  }
  if (best === undefined || best.likeness < likenessMin) return undefined;
  const { value } = best.example;
  const second = Math.max(
    0,
    ...[...byValue].flatMap(([other, likeness]) => (other === value ? [] : [likeness])),
  );
  return best.likeness - second < leadMin ? undefined : best;
}

function isSameStem(one: string, other: string): boolean {
  if (one === other) return true;
  const length = Math.max(one.length, other.length);
  const needed = Math.max(sameStemMin, Math.ceil(length * sameStemShare));
  return one.slice(0, needed) === other.slice(0, needed) && Math.min(one.length, other.length) >= needed;
}
