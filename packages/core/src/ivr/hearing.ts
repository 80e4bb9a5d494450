import type { FlowPrompt, PromptLanguage } from '@crosspoint/contracts';
import type { QuestionNode } from './asking.ts';
import type { Hearing } from './door.ts';
import { digitsIn, noWords, saidAmong, wordsForDigits, yesWords } from './spoken-words.ts';

/** What a question understands: digits as if they had been keyed, and how they are said back. */
export interface Understood {
  readonly digits: string;
  readonly spoken: FlowPrompt;
}

/** What can be said in answer to a question in one language. */
export interface SpokenQuestion {
  readonly hearing: Hearing;
  readonly confirmation: Hearing;
  understand(text: string): Understood | undefined;
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
          : { digits, spoken: [{ digits: `"${digits.slice(0, 40)}"` }] };
      },
    };
  }
  const known = node.kind === 'menu' ? phrasesOf(node.speech?.phrases ?? {}, language) : [];
  if (known.length === 0) return undefined;
  const phrases = known.map(({ phrase }) => phrase);
  return {
    hearing: { language, phrases, repeats: false, ...phraseTimes },
    confirmation: { language, phrases: [...yesOrNo, ...phrases], repeats: false, ...phraseTimes },
    understand: (text) => {
      const said = saidAmong(text, known);
      if (said === undefined) return undefined;
      return { digits: said.value, spoken: [{ text: { [language]: said.name } }] };
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
