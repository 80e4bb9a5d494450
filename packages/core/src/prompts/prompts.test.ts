import { Currency, type PromptLanguage } from '@crosspoint/contracts';
import { describe, expect, it } from 'vitest';
import { promptLanguages, type Sentence } from './door.ts';
import { promptText, promptTexts, speak } from './speak.ts';

function say(language: PromptLanguage, sentence: Sentence): string {
  return promptText(language, speak(language, sentence));
}
const number = (language: PromptLanguage, value: number) => say(language, { kind: 'number', value });
const position = (language: PromptLanguage, at: number) => say(language, { kind: 'position', position: at });
const wait = (language: PromptLanguage, minutes: number) => say(language, { kind: 'wait', minutes });
const moreThan = (language: PromptLanguage, count: number) => say(language, { kind: 'more-than', count });
const time = (language: PromptLanguage, hour: number, minute: number) =>
  say(language, { kind: 'time', hour, minute });

const kinds: ((value: number) => Sentence)[] = [
  (value) => ({ kind: 'number', value }),
  (value) => ({ kind: 'position', position: value }),
  (value) => ({ kind: 'more-than', count: value }),
  (value) => ({ kind: 'wait', minutes: value }),
  (value) => ({ kind: 'digits', digits: `+${value}*#` }),
  (value) => ({ kind: 'time', hour: Math.floor(value / 60) % 24, minute: value % 60 }),
  (value) => ({ kind: 'messages', unheard: value, heard: value % 7 }),
  (value) => ({
    ...{ kind: 'day', daysAgo: Math.trunc(value / 100) % 9, weekday: 1 + (value % 7) },
    ...{ day: 1 + (value % 31), month: 1 + (value % 12) },
  }),
];
/** What only flows say. */
const amounts: ((value: number) => Sentence)[] = [
  (value) => ({ kind: 'number', value: value * 99_991 * (value % 2 === 0 ? 1 : -1) }),
  (value) => ({ kind: 'number', value: (value % 40) * 1_000_000 }),
  (value) => ({ kind: 'number', value: value / 100 }),
  ...Currency.options.flatMap((currency) => [
    (value: number): Sentence => ({ kind: 'money', hundredths: value, currency }),
    (value: number): Sentence => ({ kind: 'money', hundredths: value * 12_345, currency }),
  ]),
  (value) => ({ kind: 'money', hundredths: (value % 9) * 100_000_000, currency: 'CZK' }),
  (value) => ({
    kind: 'date',
    day: 1 + (value % 31),
    month: 1 + (value % 12),
    year: value === 0 ? null : value,
  }),
];
const amountsMax = 1_999;

/** Every piece of every sentence there is. */
function eachPiece(language: PromptLanguage, use: (piece: string) => void): void {
  const sayAll = (all: readonly ((value: number) => Sentence)[], max: number) => {
    for (let value = 0; value <= max; value++)
      for (const kind of all) for (const piece of speak(language, kind(value))) use(piece);
  };
  sayAll(kinds, 9_999);
  sayAll(amounts, amountsMax);
}

/** What the menus by telephone say as a whole; `telephone` proves that each is said there. */
const ofMenus = /^(menu|box|record|recorded|prompt|speak|message-(from|forwarded))(-|$)/;

describe('sentences', () => {
  it.each(promptLanguages)('[PRM-1] has every piece of every number from 0 to 9,999: %s', (language) => {
    const texts = promptTexts(language);
    expect(Object.entries(texts).filter(([, text]) => text === '')).toEqual([]);
    const missing = new Set<string>();
    eachPiece(language, (piece) => {
      if (!(piece in texts)) missing.add(piece);
    });
    expect([...missing]).toEqual([]);
  });

  it.each(promptLanguages)('[PRM-1] uses every piece that is recorded: %s', (language) => {
    const alone = ['greeting', 'comfort-1', 'comfort-2', 'callback-noted'];
    const used = new Set(alone);
    eachPiece(language, (piece) => used.add(piece));
    for (const piece of speak(language, { kind: 'callback-offer', key: '1' })) used.add(piece);
    for (const piece of speak(language, { kind: 'callback-noted', number: '1' })) used.add(piece);
    expect(
      Object.keys(promptTexts(language)).filter((name) => !used.has(name) && !ofMenus.test(name)),
    ).toEqual([]);
  });

  it.each(promptLanguages)('[PRM-1] speaks a count beyond as the nearest limit: %s', (language) => {
    expect(position(language, 10_000)).toBe(position(language, 9_999));
    expect(position(language, -3)).toBe(position(language, 0));
    expect(wait(language, 0)).toBe(wait(language, 1));
    expect(time(language, 24, 60)).toBe(time(language, 23, 59));
  });

  it.each(promptLanguages)('[PRM-2] no two numbers sound the same: %s', (language) => {
    for (const kind of kinds.slice(0, 3)) {
      const spoken = new Set<string>();
      for (let value = 1; value <= 9_999; value++) spoken.add(say(language, kind(value)));
      expect(spoken.size).toBe(9_999);
    }
    expect(new Set(Array.from({ length: 9_999 }, (_, at) => wait(language, at + 1))).size).toBe(9_999);
    const times = new Set<string>();
    for (let at = 0; at < 1_440; at++) times.add(time(language, Math.floor(at / 60), at % 60));
    expect(times.size).toBe(1_440);
  });

  it('[PRM-3] English', () => {
    expect(number('en', 0)).toBe('zero');
    expect(number('en', 21)).toBe('twenty one');
    expect(number('en', 100)).toBe('one hundred');
    expect(number('en', 9_999)).toBe('nine thousand nine hundred ninety nine');
    expect(number('en', 1_001)).toBe('one thousand one');
    expect(position('en', 1)).toBe('You are first in line.');
    expect(position('en', 12)).toBe('You are number twelve in line.');
    expect(moreThan('en', 1)).toBe('There is more than one caller ahead of you.');
    expect(moreThan('en', 20)).toBe('There are more than twenty callers ahead of you.');
    expect(wait('en', 1)).toBe('The estimated wait is about one minute.');
    expect(wait('en', 5)).toBe('The estimated wait is about five minutes.');
  });

  it('[PRM-4] Spanish', () => {
    expect(number('es', 21)).toBe('veintiuno');
    expect(number('es', 31)).toBe('treinta y uno');
    expect(number('es', 100)).toBe('cien');
    expect(number('es', 101)).toBe('ciento uno');
    expect(number('es', 121)).toBe('ciento veintiuno');
    expect(number('es', 555)).toBe('quinientos cincuenta y cinco');
    expect(number('es', 1_100)).toBe('mil cien');
    expect(number('es', 9_741)).toBe('nueve mil setecientos cuarenta y uno');
    expect(position('es', 1)).toBe('Es usted la primera persona en la cola.');
    expect(position('es', 21)).toBe('Es usted la persona número veintiuno en la cola.');
    expect(moreThan('es', 1)).toBe('Hay más de una persona delante de usted.');
    expect(moreThan('es', 21)).toBe('Hay más de veintiuna personas delante de usted.');
    expect(moreThan('es', 231)).toBe('Hay más de doscientas treinta y una personas delante de usted.');
    expect(moreThan('es', 1_200)).toBe('Hay más de mil doscientas personas delante de usted.');
    expect(wait('es', 1)).toBe('El tiempo de espera es de aproximadamente un minuto.');
    expect(wait('es', 21)).toBe('El tiempo de espera es de aproximadamente veintiún minutos.');
    expect(wait('es', 41)).toBe('El tiempo de espera es de aproximadamente cuarenta y un minutos.');
  });

  it('[PRM-5] Czech', () => {
    expect(number('cs', 22)).toBe('dvacet dva');
    expect(number('cs', 200)).toBe('dvě stě');
    expect(number('cs', 4_321)).toBe('čtyři tisíce tři sta dvacet jedna');
    expect(number('cs', 5_500)).toBe('pět tisíc pět set');
    expect(position('cs', 1)).toBe('Jste první v pořadí.');
    expect(position('cs', 2)).toBe('Jste na druhém místě v pořadí.');
    expect(position('cs', 21)).toBe('Jste na dvacátém prvním místě v pořadí.');
    expect(position('cs', 100)).toBe('Jste na stém místě v pořadí.');
    expect(position('cs', 125)).toBe('Jste na sto dvacátém pátém místě v pořadí.');
    expect(position('cs', 2_000)).toBe('Jste na dvoutisícím místě v pořadí.');
    expect(position('cs', 1_300)).toBe('Jste na tisíc třístém místě v pořadí.');
    expect(moreThan('cs', 1)).toBe('Před vámi čeká více než jeden volající.');
    expect(moreThan('cs', 3)).toBe('Před vámi čeká více než tři volající.');
    expect(moreThan('cs', 20)).toBe('Před vámi čeká více než dvacet volajících.');
    expect(wait('cs', 1)).toBe('Čekání potrvá asi jednu minutu.');
    expect(wait('cs', 2)).toBe('Čekání potrvá asi dvě minuty.');
    expect(wait('cs', 4)).toBe('Čekání potrvá asi čtyři minuty.');
    expect(wait('cs', 5)).toBe('Čekání potrvá asi pět minut.');
    expect(wait('cs', 21)).toBe('Čekání potrvá asi dvacet jedna minut.');
    expect(wait('cs', 22)).toBe('Čekání potrvá asi dvacet dva minut.');
  });

  it('[PRM-9] counts messages by those that nobody has heard and the others', () => {
    const counted = (language: PromptLanguage, unheard: number, heard: number) =>
      say(language, { kind: 'messages', unheard, heard });
    expect(counted('en', 0, 0)).toBe('You have no messages.');
    expect(counted('en', 1, 2)).toBe('You have one new message and two old messages.');
    expect(counted('en', 0, 1)).toBe('You have one old message.');
    expect(counted('es', 21, 1)).toBe('Tiene veintiún mensajes nuevos y un mensaje anterior.');
    expect(counted('es', 101, 0)).toBe('Tiene ciento un mensajes nuevos');
    expect(counted('cs', 1, 2)).toBe('Máte jednu novou zprávu a dvě starší zprávy.');
    expect(counted('cs', 5, 22)).toBe('Máte pět nových zpráv a dvacet dva starších zpráv.');
    expect(counted('cs', 0, 0)).toBe('Nemáte žádné zprávy.');
  });

  it('[PRM-10] speaks a day as one does', () => {
    const day = (language: PromptLanguage, daysAgo: number) =>
      say(language, { kind: 'day', daysAgo, weekday: 4, day: 5, month: 3 });
    expect([day('en', 0), day('en', 1), day('en', 6), day('en', 7)]).toEqual([
      ...['today', 'yesterday', 'on Thursday', 'on March fifth'],
    ]);
    expect([day('es', 1), day('es', 2), day('es', 30)]).toEqual(['ayer', 'el jueves', 'el cinco de marzo']);
    expect([day('cs', 0), day('cs', 3), day('cs', 8)]).toEqual(['dnes', 've čtvrtek', 'pátého března']);
  });

  it('[PRM-6] digits one by one, with the signs of a telephone', () => {
    expect(say('en', { kind: 'digits', digits: '+1 (55) 0*#x' })).toBe('plus one five five zero star pound');
    expect(say('cs', { kind: 'callback-offer', key: '1' })).toMatch(/ stiskněte jedna$/);
    expect(say('es', { kind: 'callback-noted', number: '12' })).toBe(
      'Gracias. Le llamaremos en cuanto llegue su turno, al número uno dos',
    );
    expect(speak('es', { kind: 'callback-noted', number: 'anonymous' })).toEqual(['callback-noted']);
  });

  it('[PRM-7] times of day', () => {
    expect([time('en', 0, 0), time('en', 12, 0)]).toEqual(['at midnight', 'at noon']);
    expect([time('en', 11, 0), time('en', 0, 1)]).toEqual([
      ...["at eleven o'clock a.m.", 'at twelve oh one a.m.'],
    ]);
    expect([time('es', 0, 0), time('es', 0, 5)]).toEqual(['a medianoche', 'a las cero y cinco']);
    expect([time('cs', 0, 0), time('cs', 0, 5)]).toEqual(['o půlnoci', 'v nula hodin pět minut.']);
    expect(time('en', 14, 5)).toBe('at two oh five p.m.');
    expect(time('en', 12, 30)).toBe('at twelve thirty p.m.');
    expect(time('es', 1, 15)).toBe('a la una y quince');
    expect(time('es', 21, 0)).toBe('a las veintiuna en punto');
    expect(time('es', 14, 21)).toBe('a las catorce y veintiuno');
    expect(time('cs', 1, 0)).toBe('v jednu hodinu');
    expect(time('cs', 2, 2)).toBe('ve dvě hodiny dvě minuty.');
    expect(time('cs', 5, 1)).toBe('v pět hodin jednu minutu.');
    expect(time('cs', 14, 30)).toBe('ve čtrnáct hodin třicet minut.');
  });

  it('[PRM-8] waits from an hour on in hours and minutes', () => {
    expect(wait('en', 60)).toBe('The estimated wait is about one hour');
    expect(wait('en', 121)).toBe('The estimated wait is about two hours and one minute.');
    expect(wait('es', 61)).toBe('El tiempo de espera es de aproximadamente una hora y un minuto.');
    expect(wait('cs', 125)).toBe('Čekání potrvá asi dvě hodiny a pět minut.');
    expect(wait('cs', 60)).toBe('Čekání potrvá asi jednu hodinu');
  });

  const money = (language: PromptLanguage, amount: number, currency: Currency) =>
    say(language, { kind: 'money', hundredths: Math.round(amount * 100), currency });

  it('[PRM-11] large and negative numbers are said as they are, never as a limit', () => {
    expect(number('en', 1_234_567)).toBe(
      'one million two hundred thirty four thousand five hundred sixty seven',
    );
    expect(number('en', -40_005)).toBe('minus forty thousand five');
    expect(number('en', 1_005_000)).toBe('one million five thousand');
    expect(number('es', 21_031)).toBe('veintiún mil treinta y uno');
    expect(number('es', 101_100)).toBe('ciento un mil cien');
    expect(number('es', 1_000_001)).toBe('un millón uno');
    expect(number('es', 31_200_000)).toBe('treinta y un millones doscientos mil');
    expect(number('cs', 10_000)).toBe('deset tisíc');
    expect(number('cs', 22_002)).toBe('dvacet dva tisíc dva');
    expect(number('cs', 1_003_000)).toBe('jeden milion tři tisíce');
    expect(number('cs', 1_001_000)).toBe('jeden milion jeden tisíc');
    expect(number('cs', 100_100_000)).toBe('sto milionů sto tisíc');
    expect(number('cs', 2_001_001)).toBe('dva miliony jeden tisíc jedna');
    expect(number('cs', 1_021)).toBe('tisíc dvacet jedna');
    expect(number('cs', 4_000_000)).toBe('čtyři miliony');
    expect(number('cs', 25_000_000)).toBe('dvacet pět milionů');
    expect(number('en', 1_000_000_000)).toBe('one zero zero zero zero zero zero zero zero zero');
  });

  it.each(promptLanguages)('[PRM-2] no two large numbers sound the same: %s', (language) => {
    const spoken = new Map<string, number>();
    for (let value = 9_000; value < 1_000_000_000; value += 1 + Math.floor(value / 333)) {
      const words = number(language, value);
      expect([words, spoken.get(words) ?? value]).toEqual([words, value]);
      spoken.set(words, value);
    }
    expect(spoken.size).toBeGreaterThan(3_500);
  });

  it('[PRM-12] amounts in English', () => {
    expect(money('en', 1, 'USD')).toBe('one dollar');
    expect(money('en', 1_234.5, 'EUR')).toBe('one thousand two hundred thirty four euros and fifty cents');
    expect(money('en', 0, 'GBP')).toBe('zero pounds');
    expect(money('en', 0.01, 'GBP')).toBe('one penny');
    expect(money('en', -20.02, 'CZK')).toBe('minus twenty Czech crowns and two hellers');
  });

  it('[PRM-12] amounts in Spanish agree with their currency', () => {
    expect(money('es', 1, 'EUR')).toBe('un euro');
    expect(money('es', 21.31, 'EUR')).toBe('veintiún euros con treinta y un céntimos');
    expect(money('es', 1, 'GBP')).toBe('una libra');
    expect(money('es', 221, 'GBP')).toBe('doscientas veintiuna libras');
    expect(money('es', 200_500, 'CZK')).toBe('doscientas mil quinientas coronas checas');
    expect(money('es', 2_000_000, 'EUR')).toBe('dos millones de euros');
    expect(money('es', 2_000_001, 'USD')).toBe('dos millones un dólares');
    expect(money('es', 100.01, 'USD')).toBe('cien dólares con un centavo');
  });

  it('[PRM-12] amounts in Czech agree with their currency, in the nominative', () => {
    expect(['CZK', 'EUR', 'USD', 'GBP'].map((each) => money('cs', 1, each as Currency))).toEqual([
      ...['jedna koruna', 'jedno euro', 'jeden dolar', 'jedna libra'],
    ]);
    expect(['CZK', 'EUR', 'USD', 'GBP'].map((each) => money('cs', 2, each as Currency))).toEqual([
      ...['dvě koruny', 'dvě eura', 'dva dolary', 'dvě libry'],
    ]);
    expect(money('cs', 4.01, 'CZK')).toBe('čtyři koruny a jeden haléř');
    expect(money('cs', 5.02, 'CZK')).toBe('pět korun a dva haléře');
    expect(money('cs', 21, 'CZK')).toBe('dvacet jedna korun');
    expect(money('cs', 0.05, 'EUR')).toBe('pět centů');
    expect(money('cs', -12_345.5, 'CZK')).toBe(
      'minus dvanáct tisíc tři sta čtyřicet pět korun a padesát haléřů',
    );
    expect(money('cs', 3.02, 'GBP')).toBe('tři libry a dvě pence');
  });

  it('[PRM-11] [I18N-03] fractions are said with two digits at most, each in the way of its language', () => {
    const fractions = [3.5, 0.25, 1.05, 2.1, 5.2, -21.123, 7.999];
    expect(fractions.map((each) => number('en', each))).toEqual([
      ...[
        'three point five',
        'zero point two five',
        'one point zero five',
        'two point one',
        'five point two',
      ],
      ...['minus twenty one point one two', 'eight'],
    ]);
    expect(fractions.map((each) => number('es', each))).toEqual([
      ...[
        'tres coma cinco',
        'cero coma veinticinco',
        'uno coma cero cinco',
        'dos coma uno',
        'cinco coma dos',
      ],
      ...['menos veintiuno coma doce', 'ocho'],
    ]);
    expect(fractions.map((each) => number('cs', each))).toEqual([
      ...[
        'tři celé pět',
        'nula celých dvacet pět',
        'jedna celá nula pět',
        'dvě celé jedna',
        'pět celých dva',
      ],
      ...['minus dvacet jedna celých dvanáct', 'osm'],
    ]);
  });
  it('[PRM-13] a year that is a whole hundred is said in hundreds, except thousands', () => {
    const years = [1900, 2000, 2100, 1000].map((year) => say('en', { kind: 'date', day: 5, month: 3, year }));
    expect(years.map((words) => words.replace('on March fifth ', ''))).toEqual([
      ...['nineteen hundred', 'two thousand', 'twenty one hundred', 'one thousand'],
    ]);
  });
  it('[PRM-13] dates with and without their year', () => {
    const date = (language: PromptLanguage, year: number | null, day = 5, month = 3) =>
      say(language, { kind: 'date', day, month, year });
    expect(date('en', 2026)).toBe('on March fifth twenty twenty six');
    expect([date('en', 2005), date('en', 1905), date('en', 1990)]).toEqual([
      ...['on March fifth two thousand five', 'on March fifth nineteen oh five'],
      'on March fifth nineteen ninety',
    ]);
    expect(date('es', 2026)).toBe('el cinco de marzo de dos mil veintiséis');
    expect(date('cs', 2026)).toBe('pátého března dva tisíce dvacet šest');
    expect(date('cs', null, 31, 12)).toBe('třicátého prvního prosince');
  });
});
