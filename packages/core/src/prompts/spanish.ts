import type { Currency } from '@crosspoint/contracts';
import { amountTexts } from './amount-texts.ts';
import { afterPoint, decompose, inGroups, numberTexts, range, roundPieces } from './digits.ts';
import type { Grammar } from './door.ts';
import { telephoneTexts } from './telephone-texts.ts';

const texts: Record<string, string> = {
  ...numberTexts(
    'number',
    range(0, 29),
    'cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieciséis|diecisiete|dieciocho|diecinueve|veinte|veintiuno|veintidós|veintitrés|veinticuatro|veinticinco|veintiséis|veintisiete|veintiocho|veintinueve',
  ),
  ...numberTexts('number', range(30, 90, 10), 'treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa'),
  ...numberTexts(
    'number',
    range(100, 900, 100),
    'cien|doscientos|trescientos|cuatrocientos|quinientos|seiscientos|setecientos|ochocientos|novecientos',
  ),
  ...numberTexts(
    'number-feminine',
    range(200, 900, 100),
    'doscientas|trescientas|cuatrocientas|quinientas|seiscientas|setecientas|ochocientas|novecientas',
  ),
  ...numberTexts(
    'number',
    range(1000, 9000, 1000),
    'mil|dos mil|tres mil|cuatro mil|cinco mil|seis mil|siete mil|ocho mil|nueve mil',
  ),
  'number-100-before': 'ciento',
  'number-feminine-1': 'una',
  'number-feminine-21': 'veintiuna',
  'number-short-1': 'un',
  'number-short-21': 'veintiún',
  y: 'y',
  plus: 'más',
  star: 'asterisco',
  hash: 'almohadilla',
  'position-first': 'Es usted la primera persona en la cola.',
  position: 'Es usted la persona número',
  'position-end': 'en la cola.',
  'more-than': 'Hay más de',
  'callers-one': 'persona delante de usted.',
  'callers-many': 'personas delante de usted.',
  wait: 'El tiempo de espera es de aproximadamente',
  'hour-one': 'hora',
  'hour-many': 'horas',
  'minute-one': 'minuto.',
  'minute-many': 'minutos.',
  'at-one': 'a la',
  at: 'a las',
  'o-clock': 'en punto',
  midnight: 'a medianoche',
  'callback-offer': 'Para que le devolvamos la llamada sin perder su lugar en la cola, pulse',
  'callback-noted': 'Gracias. Le llamaremos en cuanto llegue su turno.',
  'callback-noted-number': 'Gracias. Le llamaremos en cuanto llegue su turno, al número',
  greeting: 'Gracias por su llamada. En breve le atenderá uno de nuestros agentes.',
  'comfort-1': 'Por favor, no cuelgue. Su llamada es importante para nosotros.',
  'comfort-2': 'Todos nuestros agentes están ocupados. Gracias por su paciencia.',
  ...telephoneTexts.es,
  ...amountTexts.es,
};

/** `full` stands alone or after its noun, `short` before a masculine noun, `feminine` before a feminine one. */
type Form = 'full' | 'short' | 'feminine';

/** Words that end in "one": uno, un, una. */
function one(value: 1 | 21, form: Form): string {
  return form === 'full' ? `number-${value}` : `number-${form}-${value}`;
}

function belowHundred(rest: number, form: Form): string[] {
  if (rest === 1 || rest === 21) return [one(rest, form)];
  const units = rest % 10;
  if (rest < 30 || units === 0) return [`number-${rest}`];
  return [`number-${rest - units}`, 'y', ...belowHundred(units, form)];
}

function small(value: number, form: Form): string[] {
  const { thousands, hundreds, rest } = decompose(value);
  const round = roundPieces({ thousands, hundreds }).map((name) => {
    if (name === 'number-100') return rest > 0 ? 'number-100-before' : name;
    return hundreds > 0 && name === `number-${hundreds}` && form === 'feminine'
      ? `number-feminine-${hundreds}`
      : name;
  });
  return rest > 0 || round.length === 0 ? [...round, ...belowHundred(rest, form)] : round;
}

function cardinal(value: number, form: Form = 'full'): string[] {
  return inGroups(value, {
    small: (rest) => small(rest, form),
    // What is counted lends the thousands its gender, but never the millions.
    thousands: (count) => [...small(count, form === 'feminine' ? form : 'short'), 'thousand'],
    millions: (count) => [...small(count, 'short'), `million-${count === 1 ? 'one' : 'many'}`],
  });
}

const feminineCurrencies: ReadonlySet<Currency> = new Set(['GBP', 'CZK']);

function counted(count: number, noun: string, form: Form): string[] {
  const isRound = count > 0 && count % 1_000_000 === 0;
  return [...cardinal(count, form), ...(isRound ? ['de'] : []), `${noun}-${count === 1 ? 'one' : 'many'}`];
}

function money(units: number, hundredths: number, currency: Currency): string[] {
  const unit = currency.toLowerCase();
  const parts = hundredths === 0 ? [] : counted(hundredths, `${unit}-part`, 'short');
  if (units === 0 && hundredths > 0) return parts;
  const form = feminineCurrencies.has(currency) ? 'feminine' : 'short';
  return [...counted(units, unit, form), ...(hundredths === 0 ? [] : ['con']), ...parts];
}

export const spanish: Grammar = {
  texts,
  number: (value) => cardinal(value),
  decimal: (whole, digits) => [...cardinal(whole), 'point', ...afterPoint(digits, cardinal)],
  position: (position) =>
    position === 1 ? ['position-first'] : ['position', ...cardinal(position), 'position-end'],
  moreThan: (count) => [
    'more-than',
    ...cardinal(count, 'feminine'),
    count === 1 ? 'callers-one' : 'callers-many',
  ],
  wait: (hours, minutes) => [
    'wait',
    ...(hours === 0 ? [] : [...cardinal(hours, 'feminine'), hours === 1 ? 'hour-one' : 'hour-many']),
    ...(hours === 0 || minutes === 0 ? [] : ['y']),
    ...(minutes === 0 ? [] : [...cardinal(minutes, 'short'), minutes === 1 ? 'minute-one' : 'minute-many']),
  ],
  time(hour, minute) {
    if (hour === 0 && minute === 0) return ['midnight'];
    return [
      hour === 1 ? 'at-one' : 'at',
      ...cardinal(hour, 'feminine'),
      ...(minute === 0 ? ['o-clock'] : ['y', ...cardinal(minute)]),
    ];
  },
  messages: (count, kind) => [...cardinal(count, 'short'), `message-${kind}-${count === 1 ? 'one' : 'many'}`],
  and: 'y',
  date: (day, month) => ['el', ...cardinal(day), `month-${month}`],
  money,
  year: (value) => ['de', ...cardinal(value)],
};
