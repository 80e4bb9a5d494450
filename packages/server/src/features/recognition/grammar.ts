import type { Hearing } from '@crosspoint/core';
import type { Pronunciations } from './pronunciations.ts';

/** The sounds of English as the engine's model names them. */
const sounds = (
  'AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG ' + 'OW OY P R S SH T TH UH UW V W Y Z ZH'
).split(' ');
/** A word of a single sound; no dictionary has one like it. */
const soundWord = (sound: string): string => `xx${sound.toLowerCase()}`;

const jsgf = (rule: string): string => `#JSGF V1.0;\ngrammar spoken;\npublic <spoken> = ${rule};\n`;

/** Any English sounds in any order: as whatever is said fits that, phrases are measured against it. */
export const anySounds = jsgf(`( ${sounds.map(soundWord).join(' | ')} )+`);

/** What may be said, as a grammar (JSGF) with the words that it is made of. */
export interface PhraseGrammar {
  readonly phrases: string;
  readonly dictionary: string;
  /** How many sounds a phrase has at least. */
  soundsIn: (phrase: string) => number;
}

/** Undefined when no phrase is made of known words alone. */
export function grammarOf(
  { phrases, repeats }: Pick<Hearing, 'phrases' | 'repeats'>,
  known: Pronunciations,
): PhraseGrammar | undefined {
  const lines = new Set(sounds.map((sound) => `${soundWord(sound)} ${sound}`));
  const spoken = phrases.flatMap((phrase) => {
    const words = phrase.toLowerCase().split(/[\s-]+/);
    const found = words.map((word) => known.linesOf(word));
    if (found.some((ways) => ways.length === 0)) return [];
    for (const line of found.flat()) lines.add(line);
    return [words.join(' ')];
  });
  if (spoken.length === 0) return undefined;
  const rule = `( ${spoken.join(' | ')} )${repeats ? '+' : ''}`;
  const soundsIn = (phrase: string): number =>
    phrase.split(' ').reduce((sum, word) => sum + fewestSounds(known.linesOf(word)), 0);
  return { phrases: jsgf(rule), dictionary: `${[...lines].join('\n')}\n`, soundsIn };
}

/** Behind the word a line names the sounds of one way to pronounce it. */
const fewestSounds = (lines: readonly string[]): number =>
  lines.reduce((fewest, line) => Math.min(fewest, line.split(/\s+/).length - 1), 40);
