import type { RoutingContact, RoutingHistory } from '@crosspoint/core';
import { phoneNumbers } from '../../platform/index.ts';

/** Countries whose language the product speaks; everybody else is spoken to in English. */
const languages: Readonly<Record<string, readonly string[]>> = {
  cs: ['CZ', 'SK'],
  es: 'ES MX AR CO CL PE VE EC GT CU BO DO HN PY SV NI CR PA UY PR GQ'.split(' '),
};
const languageOf = new Map(
  Object.entries(languages).flatMap(([language, countries]) =>
    countries.map((country) => [country, language]),
  ),
);

/** What the rules may ask of a contact; the country is worked out when the first rule wants it. */
export function routingContact(
  known: Pick<RoutingContact, 'caller' | 'callerName' | 'dialled' | 'trunk'> &
    Partial<Pick<RoutingContact, 'variables' | 'callId'>> & { language?: string | undefined },
  historyOf: (caller: string) => RoutingHistory | undefined,
  segmentsOf: (caller: string) => readonly string[],
): RoutingContact {
  const { caller, callerName, dialled, trunk, callId, variables = new Map(), language } = known;
  let found: string | undefined;
  const country = () => (found ??= phoneNumbers().parsePhoneNumberFromString(caller)?.country ?? '');
  return {
    ...{ caller, callId, callerName, dialled, trunk, variables, country },
    language: () => language ?? languageOf.get(country()) ?? 'en',
    history: () => historyOf(caller),
    segments: () => segmentsOf(caller),
  };
}
