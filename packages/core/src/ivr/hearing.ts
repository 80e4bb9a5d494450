import type { FlowPrompt, PromptLanguage } from '@crosspoint/contracts';
import type { QuestionNode } from './asking.ts';
import type { Hearing } from './door.ts';
import { resembled } from './intents.ts';
import { digitsIn, noWords, saidAmong, wordsForDigits, yesWords } from './spoken-words.ts';

/** What a question understands: digits as if they had been keyed, and how they are said back. */
export interface Understood {
  readonly digits: string;
  readonly spoken: FlowPrompt;
  /** 1 where it was said in so many words; less where what was said only resembles it. */
  readonly likeness: number;
}

/** What can be said in answer to a question in one language. */
export interface SpokenQuestion {
  readonly hearing: Hearing;
  readonly confirmation: Hearing;
  /** @param isLoose whether what only resembles a phrase counts, where the question allows that. */
  understand(text: string, isLoose: boolean): Understood | undefined;
}

const phraseTimes = { silenceMs: 700, maxMs: 10_000 } as const;
/** Between the groups of a long number people take a breath. */
const digitTimes = { silenceMs: 1_200, maxMs: 25_000 } as const;

/** Undefined where a question is answered by keys alone: it says so, or has no words in this language. */
export function spokenQuestion(node: QuestionNode, language: PromptLanguage): SpokenQuestion | undefined {
  const yesOrNo = [...yesWords[language], ...noWords[language]];
  if (node.kind === 'collect' && node.speech !== undefined) {
    return {
      hearing: { language, phrases: wordsForDigits(language), repeats: true, ...digitTimes },
      confirmation: { language, phrases: yesOrNo, repeats: false, ...phraseTimes },
      understand: (text) => {
        const digits = digitsIn(text, language);
        // A text in quotes is an expression whose value is that text.
        return digits === undefined
          ? undefined
          : { digits, spoken: [{ digits: `"${digits.slice(0, 40)}"` }], likeness: 1 };
      },
    };
  }
  const known = node.kind === 'menu' ? phrasesOf(node.speech?.phrases ?? {}, language) : [];
  if (known.length === 0) return undefined;
  const takesIntents = node.kind === 'menu' && node.speech?.intents === true;
  const phrases = known.map(({ phrase }) => phrase);
  return {
    hearing: { language, phrases, repeats: false, ...phraseTimes },
    confirmation: { language, phrases: [...yesOrNo, ...phrases], repeats: false, ...phraseTimes },
    understand: (text, isLoose) => {
      const said = saidAmong(text, known);
      const found =
        said === undefined && isLoose && takesIntents
          ? resembled(text, known, language)
          : said && { example: said, likeness: 1 };
      if (found === undefined) return undefined;
      const { value, name } = found.example;
      return { digits: value, spoken: [{ text: { [language]: name } }], likeness: found.likeness };
    },
  };
}

/** Whether the caller has said yes or no. */
export function consentOf(text: string, language: PromptLanguage): 'yes' | 'no' | undefined {
  const words = [
    ...yesWords[language].map((phrase) => ({ phrase, value: 'yes' as const })),
    ...noWords[language].map((phrase) => ({ phrase, value: 'no' as const })),
  ];
  return saidAmong(text, words)?.value;
}

type Phrases = Readonly<Record<string, Partial<Record<PromptLanguage, readonly string[]>> | undefined>>;

/** Each phrase with its key, and the first of the key, by which it is said back. */
function phrasesOf(byKey: Phrases, language: PromptLanguage) {
  return Object.entries(byKey).flatMap(([value, texts]) =>
    (texts?.[language] ?? []).map((phrase, _, all) => ({ value, phrase, name: all[0] ?? phrase })),
  );
}
