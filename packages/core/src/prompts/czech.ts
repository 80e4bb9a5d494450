import type { Currency } from '@crosspoint/contracts';
import { amountTexts } from './amount-texts.ts';
import { afterPoint, decompose, inGroups, numberTexts, range, roundPieces } from './digits.ts';
import type { Grammar } from './door.ts';
import { telephoneTexts } from './telephone-texts.ts';

const texts: Record<string, string> = {
  ...numberTexts(
    'number',
    range(0, 19),
    'nula|jedna|dva|tři|čtyři|pět|šest|sedm|osm|devět|deset|jedenáct|dvanáct|třináct|čtrnáct|patnáct|šestnáct|sedmnáct|osmnáct|devatenáct',
  ),
  ...numberTexts(
    'number',
    range(20, 90, 10),
    'dvacet|třicet|čtyřicet|padesát|šedesát|sedmdesát|osmdesát|devadesát',
  ),
  ...numberTexts(
    'number',
    range(100, 900, 100),
    'sto|dvě stě|tři sta|čtyři sta|pět set|šest set|sedm set|osm set|devět set',
  ),
  ...numberTexts(
    'number',
    range(1000, 9000, 1000),
    'tisíc|dva tisíce|tři tisíce|čtyři tisíce|pět tisíc|šest tisíc|sedm tisíc|osm tisíc|devět tisíc',
  ),
  'number-masculine-1': 'jeden',
  'number-feminine-1': 'jednu',
  'number-feminine-2': 'dvě',
  ...numberTexts(
    'ordinal',
    range(1, 19),
    'prvním|druhém|třetím|čtvrtém|pátém|šestém|sedmém|osmém|devátém|desátém|jedenáctém|dvanáctém|třináctém|čtrnáctém|patnáctém|šestnáctém|sedmnáctém|osmnáctém|devatenáctém',
  ),
  ...numberTexts(
    'ordinal',
    range(20, 90, 10),
    'dvacátém|třicátém|čtyřicátém|padesátém|šedesátém|sedmdesátém|osmdesátém|devadesátém',
  ),
  ...numberTexts(
    'ordinal',
    range(100, 900, 100),
    'stém|dvoustém|třístém|čtyřstém|pětistém|šestistém|sedmistém|osmistém|devítistém',
  ),
  ...numberTexts(
    'ordinal',
    range(1000, 9000, 1000),
    'tisícím|dvoutisícím|třítisícím|čtyřtisícím|pětitisícím|šestitisícím|sedmitisícím|osmitisícím|devítitisícím',
  ),
  plus: 'plus',
  star: 'hvězdička',
  hash: 'křížek',
  'position-first': 'Jste první v pořadí.',
  position: 'Jste na',
  'position-end': 'místě v pořadí.',
  'more-than': 'Před vámi čeká více než',
  'callers-one': 'volající.',
  'callers-many': 'volajících.',
  wait: 'Čekání potrvá asi',
  'hour-one': 'hodinu',
  'hour-few': 'hodiny',
  'hour-many': 'hodin',
  a: 'a',
  'minute-one': 'minutu.',
  'minute-few': 'minuty.',
  'minute-many': 'minut.',
  midnight: 'o půlnoci',
  v: 'v',
  ve: 've',
  'callback-offer': 'Chcete-li, abychom vám zavolali zpět a zůstalo vám místo v pořadí, stiskněte',
  'callback-noted': 'Děkujeme. Jakmile na vás přijde řada, zavoláme vám.',
  'callback-noted-number': 'Děkujeme. Jakmile na vás přijde řada, zavoláme vám na číslo',
  greeting: 'Děkujeme, že voláte. Za okamžik se vám budeme věnovat.',
  'comfort-1': 'Zůstaňte prosím na lince. Vašeho hovoru si vážíme.',
  'comfort-2': 'Všichni operátoři právě hovoří. Děkujeme za trpělivost.',
  ...telephoneTexts.cs,
  ...amountTexts.cs,
};

/** `counting` stands alone; the others agree with a noun in the accusative, of things or of women. */
type Form = 'counting' | 'masculine' | 'feminine';

function belowHundred(rest: number): string[] {
  const units = rest % 10;
  return rest < 20 || units === 0 ? [`number-${rest}`] : [`number-${rest - units}`, `number-${units}`];
}

/** Only a number that is one or two alone agrees with what is counted; compounds are as in counting. */
function cardinal(value: number, form: Form = 'counting'): string[] {
  if (form !== 'counting' && `number-${form}-${value}` in texts) return [`number-${form}-${value}`];
  const below = value % 1_000_000;
  // Behind a million a bare "tisíc" would be a thousand millions.
  const isOneThousand = value > below && below >= 1_000 && below < 2_000;
  return inGroups(value, {
    small: (rest) => [...(isOneThousand ? ['number-masculine-1'] : []), ...small(rest)],
    thousands: (count) => [...small(count), 'thousand'],
    millions: (count) => [...cardinal(count, 'masculine'), plural(count, 'million')],
  });
}

function small(value: number): string[] {
  const { thousands, hundreds, rest } = decompose(value);
  const round = roundPieces({ thousands, hundreds });
  return rest > 0 || round.length === 0 ? [...round, ...belowHundred(rest)] : round;
}

/** In the locative: what stands last is ordinal, and of a compound below one hundred both words are. */
function ordinal(value: number): string[] {
  const { thousands, hundreds, rest } = decompose(value);
  if (rest > 0) {
    const round = roundPieces({ thousands, hundreds });
    return [...round, ...belowHundred(rest).map((name) => name.replace('number', 'ordinal'))];
  }
  if (hundreds > 0) return [...roundPieces({ thousands, hundreds: 0 }), `ordinal-${hundreds}`];
  return [`ordinal-${thousands}`];
}

function plural(count: number, noun: string): string {
  if (count === 1) return `${noun}-one`;
  return count >= 2 && count <= 4 ? `${noun}-few` : `${noun}-many`;
}

function counted(count: number, noun: string): string[] {
  return count === 0 ? [] : [...cardinal(count, 'feminine'), plural(count, noun)];
}

type Gender = 'masculine' | 'feminine' | 'neuter';

const genders: Readonly<Record<Currency, Gender>> = {
  EUR: 'neuter',
  USD: 'masculine',
  GBP: 'feminine',
  CZK: 'feminine',
};

/** How one and two agree with a noun in the nominative, in which an amount stands: jeden dolar, jedna koruna, dvě eura. */
const agreeing: Readonly<Record<Gender, Readonly<Record<number, string>>>> = {
  masculine: { 1: 'number-masculine-1', 2: 'number-2' },
  feminine: { 1: 'number-1', 2: 'number-feminine-2' },
  neuter: { 1: 'number-neuter-1', 2: 'number-feminine-2' },
};

function amount(count: number, noun: string, gender: Gender): string[] {
  const alone = agreeing[gender][count];
  return [...(alone === undefined ? cardinal(count) : [alone]), plural(count, noun)];
}

function money(units: number, hundredths: number, currency: Currency): string[] {
  const unit = currency.toLowerCase();
  const partGender = currency === 'GBP' ? 'feminine' : 'masculine';
  const parts = hundredths === 0 ? [] : amount(hundredths, `${unit}-part`, partGender);
  if (units === 0 && hundredths > 0) return parts;
  return [...amount(units, unit, genders[currency]), ...(hundredths === 0 ? [] : ['a']), ...parts];
}

/** The preposition takes a vowel before what could not be said after it. */
function inHour(hour: number): 'v' | 've' {
  return [2, 3, 4, 12, 13, 14, 20, 21, 22, 23].includes(hour) ? 've' : 'v';
}

export const czech: Grammar = {
  texts,
  number: (value) => cardinal(value),
  decimal: (whole, digits) => [...amount(whole, 'whole', 'feminine'), ...afterPoint(digits, cardinal)],
  position(position) {
    if (position === 1) return ['position-first'];
    return ['position', ...(position === 0 ? cardinal(0) : ordinal(position)), 'position-end'];
  },
  moreThan: (count) => [
    'more-than',
    ...cardinal(count, 'masculine'),
    // One to four take the nominative, which of this noun is the same in both numbers.
    count >= 1 && count <= 4 ? 'callers-one' : 'callers-many',
  ],
  wait: (hours, minutes) => [
    'wait',
    ...counted(hours, 'hour'),
    ...(hours === 0 || minutes === 0 ? [] : ['a']),
    ...counted(minutes, 'minute'),
  ],
  time(hour, minute) {
    if (hour === 0 && minute === 0) return ['midnight'];
    return [inHour(hour), ...cardinal(hour, 'feminine'), plural(hour, 'hour'), ...counted(minute, 'minute')];
  },
  messages: (count, kind) => counted(count, `message-${kind}`),
  and: 'a',
  date: (day, month) => [`day-${day}`, `month-${month}`],
  money,
  year: (value) => cardinal(value),
};
