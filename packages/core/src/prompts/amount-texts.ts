import type { Currency, PromptLanguage } from '@crosspoint/contracts';

/** Words for large numbers, amounts and years: what only flows say. */

/** `<currency>-<form>` for its unit, `<currency>-part-<form>` for its hundredth. */
function currencyTexts(
  forms: readonly string[],
  words: Readonly<Record<Currency, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words).flatMap(([currency, list]) => {
      const names = [...forms, ...forms.map((form) => `part-${form}`)];
      return list.split('|').map((word, index) => [`${currency.toLowerCase()}-${names[index]}`, word]);
    }),
  );
}

const english: Record<string, string> = {
  minus: 'minus',
  point: 'point',
  hundred: 'hundred',
  thousand: 'thousand',
  million: 'million',
  ...currencyTexts(['one', 'many'], {
    EUR: 'euro|euros|cent|cents',
    USD: 'dollar|dollars|cent|cents',
    GBP: 'pound|pounds|penny|pence',
    CZK: 'Czech crown|Czech crowns|heller|hellers',
  }),
};

const spanish: Record<string, string> = {
  minus: 'menos',
  point: 'coma',
  thousand: 'mil',
  'million-one': 'millón',
  'million-many': 'millones',
  de: 'de',
  con: 'con',
  ...currencyTexts(['one', 'many'], {
    EUR: 'euro|euros|céntimo|céntimos',
    USD: 'dólar|dólares|centavo|centavos',
    GBP: 'libra|libras|penique|peniques',
    CZK: 'corona checa|coronas checas|háler|háleres',
  }),
};

const czech: Record<string, string> = {
  minus: 'minus',
  'whole-one': 'celá',
  'whole-few': 'celé',
  'whole-many': 'celých',
  thousand: 'tisíc',
  'million-one': 'milion',
  'million-few': 'miliony',
  'million-many': 'milionů',
  'number-neuter-1': 'jedno',
  ...currencyTexts(['one', 'few', 'many'], {
    EUR: 'euro|eura|eur|cent|centy|centů',
    USD: 'dolar|dolary|dolarů|cent|centy|centů',
    GBP: 'libra|libry|liber|pence|pence|pencí',
    CZK: 'koruna|koruny|korun|haléř|haléře|haléřů',
  }),
};

export const amountTexts: Readonly<Record<PromptLanguage, Record<string, string>>> = {
  en: english,
  es: spanish,
  cs: czech,
};
