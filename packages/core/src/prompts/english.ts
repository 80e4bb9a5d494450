import type { Currency } from '@crosspoint/contracts';
import { amountTexts } from './amount-texts.ts';
import { decompose, inGroups, numberTexts, range, roundPieces } from './digits.ts';
import type { Grammar } from './door.ts';
import { telephoneTexts } from './telephone-texts.ts';

const texts: Record<string, string> = {
  ...numberTexts(
    'number',
    range(0, 19),
    'zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen',
  ),
  ...numberTexts('number', range(20, 90, 10), 'twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety'),
  ...numberTexts(
    'number',
    range(100, 900, 100),
    'one hundred|two hundred|three hundred|four hundred|five hundred|six hundred|seven hundred|eight hundred|nine hundred',
  ),
  ...numberTexts(
    'number',
    range(1000, 9000, 1000),
    'one thousand|two thousand|three thousand|four thousand|five thousand|six thousand|seven thousand|eight thousand|nine thousand',
  ),
  plus: 'plus',
  star: 'star',
  hash: 'pound',
  'position-first': 'You are first in line.',
  position: 'You are number',
  'position-end': 'in line.',
  'more-than': 'There are more than',
  'more-than-one': 'There is more than one caller ahead of you.',
  'callers-many': 'callers ahead of you.',
  wait: 'The estimated wait is about',
  'hour-one': 'hour',
  'hour-many': 'hours',
  and: 'and',
  'minute-one': 'minute.',
  'minute-many': 'minutes.',
  at: 'at',
  oh: 'oh',
  'o-clock': "o'clock",
  am: 'a.m.',
  pm: 'p.m.',
  midnight: 'at midnight',
  noon: 'at noon',
  'callback-offer': 'To be called back without losing your place in line, press',
  'callback-noted': 'Thank you. We will call you back as soon as it is your turn.',
  'callback-noted-number': 'Thank you. We will call you back as soon as it is your turn, on the number',
  greeting: 'Thank you for calling. One of our agents will be with you shortly.',
  'comfort-1': 'Please stay on the line. Your call is important to us.',
  'comfort-2': 'All our agents are busy. Thank you for your patience.',
  ...telephoneTexts.en,
  ...amountTexts.en,
};

function belowHundred(rest: number): string[] {
  if (rest < 20) return [`number-${rest}`];
  const units = rest % 10;
  return units === 0 ? [`number-${rest}`] : [`number-${rest - units}`, `number-${units}`];
}

function small(value: number): string[] {
  const { thousands, hundreds, rest } = decompose(value);
  const round = roundPieces({ thousands, hundreds });
  return rest > 0 || round.length === 0 ? [...round, ...belowHundred(rest)] : round;
}

function cardinal(value: number): string[] {
  return inGroups(value, {
    small,
    thousands: (count) => [...small(count), 'thousand'],
    millions: (count) => [...small(count), 'million'],
  });
}

function counted(count: number, noun: string): string[] {
  return [...cardinal(count), `${noun}-${count === 1 ? 'one' : 'many'}`];
}

function money(units: number, hundredths: number, currency: Currency): string[] {
  const unit = currency.toLowerCase();
  const parts = hundredths === 0 ? [] : counted(hundredths, `${unit}-part`);
  if (units === 0 && hundredths > 0) return parts;
  return [...counted(units, unit), ...(hundredths === 0 ? [] : ['and']), ...parts];
}

/** In two halves, "nineteen oh five", except where that is not usual. */
function year(value: number): string[] {
  const rest = value % 100;
  if (value < 1_100 || value > 9_999 || value % 1_000 === 0 || (value >= 2_000 && value < 2_010))
    return cardinal(value);
  if (rest === 0) return [...small(value / 100), 'hundred'];
  return [...small((value - rest) / 100), ...(rest < 10 ? ['oh'] : []), ...small(rest)];
}

export const english: Grammar = {
  texts,
  number: cardinal,
  decimal: (whole, digits) => [
    ...cardinal(whole),
    'point',
    ...Array.from(digits, (digit) => `number-${digit}`),
  ],
  position: (position) =>
    position === 1 ? ['position-first'] : ['position', ...cardinal(position), 'position-end'],
  moreThan: (count) => (count === 1 ? ['more-than-one'] : ['more-than', ...cardinal(count), 'callers-many']),
  wait: (hours, minutes) => [
    'wait',
    ...(hours === 0 ? [] : [...cardinal(hours), hours === 1 ? 'hour-one' : 'hour-many']),
    ...(hours === 0 || minutes === 0 ? [] : ['and']),
    ...(minutes === 0 ? [] : [...cardinal(minutes), minutes === 1 ? 'minute-one' : 'minute-many']),
  ],
  time(hour, minute) {
    // "Twelve o'clock p.m." is noon for one and midnight for another.
    if (minute === 0 && hour % 12 === 0) return [hour === 0 ? 'midnight' : 'noon'];
    const twelve = hour % 12 === 0 ? 12 : hour % 12;
    const minutes = minute === 0 ? ['o-clock'] : [...(minute < 10 ? ['oh'] : []), ...cardinal(minute)];
    return ['at', ...cardinal(twelve), ...minutes, hour < 12 ? 'am' : 'pm'];
  },
  messages: (count, kind) => [...cardinal(count), `message-${kind}-${count === 1 ? 'one' : 'many'}`],
  and: 'and',
  date: (day, month) => ['on', `month-${month}`, `day-${day}`],
  money,
  year,
};
