import type { PromptLanguage } from '@crosspoint/contracts';
import { spokenCount, spokenNumberMax } from './digits.ts';
import { czech } from './czech.ts';
import type { Grammar, Sentence } from './door.ts';
import { english } from './english.ts';
import { spanish } from './spanish.ts';

type SentenceOf<Kind extends Sentence['kind']> = Extract<Sentence, { kind: Kind }>;

const grammars: Readonly<Record<PromptLanguage, Grammar>> = { en: english, es: spanish, cs: czech };

const spokenSigns: Readonly<Record<string, string>> = { '+': 'plus', '*': 'star', '#': 'hash' };

/** The names of the pieces that make up a sentence, in order; the file of a piece is `<language>/<name>.wav`. */
export function speak(language: PromptLanguage, sentence: Sentence): string[] {
  const grammar = grammars[language];
  switch (sentence.kind) {
    case 'prompt':
      return [sentence.name];
    case 'position':
      return grammar.position(spokenCount(sentence.position));
    case 'more-than':
      return grammar.moreThan(spokenCount(sentence.count));
    case 'wait': {
      const minutes = Math.max(1, spokenCount(sentence.minutes));
      return grammar.wait(Math.floor(minutes / 60), minutes % 60);
    }
    case 'number':
      return numberPieces(grammar, sentence.value);
    case 'money':
      return moneyPieces(grammar, sentence);
    case 'date': {
      const { day, month, year } = sentence;
      return [...grammar.date(day, month), ...(year === null ? [] : grammar.year(year))];
    }
    case 'digits':
      return digitPieces(sentence.digits);
    case 'time':
      return grammar.time(
        Math.min(23, spokenCount(sentence.hour)),
        Math.min(59, spokenCount(sentence.minute)),
      );
    case 'messages':
      return messagePieces(grammar, spokenCount(sentence.unheard), spokenCount(sentence.heard));
    case 'day':
      return dayPieces(grammar, sentence);
    case 'callback-offer':
      return ['callback-offer', ...digitPieces(sentence.key)];
    case 'callback-noted': {
      const digits = digitPieces(sentence.number);
      return digits.length === 0 ? ['callback-noted'] : ['callback-noted-number', ...digits];
    }
  }
}

function numberPieces(grammar: Grammar, value: number): string[] {
  const size = Math.abs(value);
  // Cut to a limit it would be another number, which nobody could tell.
  if (Math.round(size) > spokenNumberMax) {
    const digits = digitPieces(String(BigInt(Math.round(size))));
    return value < 0 ? ['minus', ...digits] : digits;
  }
  const hundredths = Math.round(Number((size * 100).toPrecision(15)));
  const whole = Math.floor(hundredths / 100);
  const digits = String(hundredths % 100)
    .padStart(2, '0')
    .replace(/0+$/, '');
  const pieces = digits === '' ? grammar.number(whole) : grammar.decimal(whole, digits);
  return value < 0 && hundredths > 0 ? ['minus', ...pieces] : pieces;
}

function moneyPieces(grammar: Grammar, { hundredths, currency }: SentenceOf<'money'>): string[] {
  const size = Math.abs(Math.round(hundredths));
  const units = Math.floor(size / 100);
  const sign = hundredths < 0 && size > 0 ? ['minus'] : [];
  if (units > spokenNumberMax) {
    return [...sign, ...digitPieces(String(BigInt(units))), `${currency.toLowerCase()}-many`];
  }
  return [...sign, ...grammar.money(units, size % 100, currency)];
}

function messagePieces(grammar: Grammar, unheard: number, heard: number): string[] {
  if (unheard === 0 && heard === 0) return ['messages-none'];
  return [
    'messages-have',
    ...(unheard === 0 ? [] : grammar.messages(unheard, 'new')),
    ...(unheard === 0 || heard === 0 ? [] : [grammar.and]),
    ...(heard === 0 ? [] : grammar.messages(heard, 'old')),
  ];
}

function dayPieces(grammar: Grammar, { daysAgo, weekday, day, month }: SentenceOf<'day'>): string[] {
  if (daysAgo <= 0) return ['today'];
  if (daysAgo === 1) return ['yesterday'];
  return daysAgo < 7 ? [`weekday-${weekday}`] : grammar.date(day, month);
}

function digitPieces(text: string): string[] {
  return Array.from(text).flatMap((sign) =>
    /[0-9]/.test(sign) ? [`number-${sign}`] : (spokenSigns[sign] ?? []),
  );
}

/** Every piece of a language with its text, from which its recordings are made. */
export function promptTexts(language: PromptLanguage): Readonly<Record<string, string>> {
  return grammars[language].texts;
}

/** What a caller hears, as text: for transcripts and tests. A piece without text stands as its name in brackets. */
export function promptText(language: PromptLanguage, pieces: readonly string[]): string {
  const { texts } = grammars[language];
  return pieces.map((name) => texts[name] ?? `[${name}]`).join(' ');
}
