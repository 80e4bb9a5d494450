import type { PromptLanguage } from '@crosspoint/contracts';

/** How digits are said one by one, zero first, each in the forms that callers use. */
const digitWords: Readonly<Record<PromptLanguage, readonly string[]>> = {
  en: ['zero|oh', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'],
  es: ['cero', 'uno|una', 'dos', 'tres', 'cuatro', 'cinco', 'seis', 'siete', 'ocho', 'nueve'],
  cs: [
    'nula|nulka',
    'jedna|jeden|jednička',
    'dva|dvě|dvojka',
    'tři|trojka',
    'čtyři|čtyřka',
    'pět|pětka',
    'šest|šestka',
    'sedm|sedmička',
    'osm|osmička',
    'devět|devítka',
  ],
};

/** Answers to "did you say". */
export const yesWords: Readonly<Record<PromptLanguage, readonly string[]>> = {
  en: ['yes', 'yeah', 'correct'],
  es: ['sí', 'correcto', 'exacto'],
  cs: ['ano', 'jo', 'správně'],
};
export const noWords: Readonly<Record<PromptLanguage, readonly string[]>> = {
  en: ['no', 'nope', 'wrong'],
  es: ['no', 'incorrecto'],
  cs: ['ne', 'nikoliv'],
};

export function wordsForDigits(language: PromptLanguage): string[] {
  return digitWords[language].flatMap((forms) => forms.split('|'));
}

/** The words of a text, without signs, capitals and accents: services write these differently. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

const digitOf = new Map<PromptLanguage, ReadonlyMap<string, string>>(
  (['en', 'es', 'cs'] as const).map((language) => [
    language,
    new Map(
      digitWords[language].flatMap((forms, digit) =>
        forms.split('|').flatMap((form) => wordsOf(form).map((word) => [word, String(digit)] as const)),
      ),
    ),
  ]),
);

/**
 * The digits that a text tells one by one, as words or as figures; other words may stand only before the first. Undefined when it
 * tells something else: of "four hundred" nobody knows which digits are meant.
 */
export function digitsIn(text: string, language: PromptLanguage): string | undefined {
  let digits = '';
  for (const word of wordsOf(text)) {
    const found = /^[0-9]+$/.test(word) ? word : digitOf.get(language)?.get(word);
    if (found !== undefined) digits += found;
    else if (digits !== '') return undefined;
  }
  return digits === '' ? undefined : digits;
}

/**
 * Which of these phrases a text says: all words of it, one after the other, anywhere in the text. A phrase that is part of a longer
 * one that was said does not count. Undefined when none is said, or several of different value.
 */
export function saidAmong<Phrase extends { phrase: string; value: string }>(
  text: string,
  phrases: readonly Phrase[],
): Phrase | undefined {
  const words = wordsOf(text);
  const said = phrases.flatMap((each) => {
    const wanted = wordsOf(each.phrase);
    const at = words.findIndex((_, start) => wanted.every((word, index) => words[start + index] === word));
    return at < 0 || wanted.length === 0 ? [] : [{ each, at, end: at + wanted.length }];
  });
  const whole = said.filter(
    (one) =>
      !said.some(
        (other) => other.at <= one.at && other.end >= one.end && other.end - other.at > one.end - one.at,
      ),
  );
  const [first] = whole;
  return whole.every(({ each }) => each.value === first?.each.value) ? first?.each : undefined;
}
