import type { PromptLanguage } from '@crosspoint/contracts';
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
  (value) => ({ kind: 'time', hour: value % 24, minute: value % 60 }),
  (value) => ({ kind: 'messages', unheard: value, heard: value % 7 }),
  (value) => ({
    ...{ kind: 'day', daysAgo: Math.trunc(value / 100) % 9, weekday: 1 + (value % 7) },
    ...{ day: 1 + (value % 31), month: 1 + (value % 12) },
  }),
];
/** What the menus by telephone say as a whole; `telephone` proves that each is said there. */
const ofMenus = /^(menu|box|record|recorded|prompt|speak|message-(from|forwarded))(-|$)/;

describe('sentences', () => {
  it.each(promptLanguages)('[PRM-1] has every piece of every number from 0 to 9,999: %s', (language) => {
    const texts = promptTexts(language);
    expect(Object.entries(texts).filter(([, text]) => text === '')).toEqual([]);
    const missing = new Set<string>();
    for (let value = 0; value <= 9_999; value++)
      for (const kind of kinds)
        for (const piece of speak(language, kind(value))) if (!(piece in texts)) missing.add(piece);
    expect([...missing]).toEqual([]);
  });

  it.each(promptLanguages)('[PRM-1] uses every piece that is recorded: %s', (language) => {
    const alone = ['greeting', 'comfort-1', 'comfort-2', 'callback-noted'];
    const used = new Set(alone);
    for (let value = 0; value <= 9_999; value++)
      for (const kind of kinds) for (const piece of speak(language, kind(value))) used.add(piece);
    for (const piece of speak(language, { kind: 'callback-offer', key: '1' })) used.add(piece);
    for (const piece of speak(language, { kind: 'callback-noted', number: '1' })) used.add(piece);
    expect(
      Object.keys(promptTexts(language)).filter((name) => !used.has(name) && !ofMenus.test(name)),
    ).toEqual([]);
  });

  it.each(promptLanguages)('[PRM-1] speaks what is beyond as the nearest limit: %s', (language) => {
    expect(number(language, 10_000)).toBe(number(language, 9_999));
    expect(number(language, -3)).toBe(number(language, 0));
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
    expect(time('en', 0, 0)).toBe("at twelve o'clock a.m.");
    expect(time('en', 14, 5)).toBe('at two oh five p.m.');
    expect(time('en', 12, 30)).toBe('at twelve thirty p.m.');
    expect(time('es', 1, 15)).toBe('a la una y quince');
    expect(time('es', 21, 0)).toBe('a las veintiuna en punto');
    expect(time('es', 14, 21)).toBe('a las catorce y veintiuno');
    expect(time('cs', 1, 0)).toBe('v jednu hodinu');
    expect(time('cs', 2, 2)).toBe('ve dvě hodiny dvě minuty.');
    expect(time('cs', 5, 1)).toBe('v pět hodin jednu minutu.');
    expect(time('cs', 14, 30)).toBe('ve čtrnáct hodin třicet minut.');
    expect(time('cs', 0, 0)).toBe('v nula hodin');
  });

  it('[PRM-8] waits from an hour on in hours and minutes', () => {
    expect(wait('en', 60)).toBe('The estimated wait is about one hour');
    expect(wait('en', 121)).toBe('The estimated wait is about two hours and one minute.');
    expect(wait('es', 61)).toBe('El tiempo de espera es de aproximadamente una hora y un minuto.');
    expect(wait('cs', 125)).toBe('Čekání potrvá asi dvě hodiny a pět minut.');
    expect(wait('cs', 60)).toBe('Čekání potrvá asi jednu hodinu');
  });
});
