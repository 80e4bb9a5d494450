import type { ConfigurationDocumentInput, FlowDocumentInput, RoutingCondition } from '@crosspoint/contracts';
import { agents, type QueueKey } from './company.ts';
import { timelineScorecard } from './reviews.ts';

/** What a company has besides people and queues: a reception that answers by itself, rules, hours, a box, forms, rules of alerts. */

/** The number of the house, and which key leads to which queue. */
export const reception = {
  number: '+420555000200',
  keys: { support: '1', billing: '2', soporte: '3' } satisfies Record<QueueKey, string>,
};

/** The number of the advertisements, from which rules lead on. */
export const rulesNumber = '+420555000204';

const calendar = 'Service hours';
const box = 'Reception';
const wholeDay = [{ from: '00:00', to: '24:00' }];

type Things = 'calendars' | 'segments' | 'voicemailBoxes' | 'flows' | 'scorecards' | 'alertRules';
type Furniture = { [Thing in Things]: NonNullable<ConfigurationDocumentInput[Thing]> };
/** What is there of them already, by name. */
export type Furnished = { [Thing in Things]?: readonly { name: string }[] | undefined };

/** What of it nobody has yet. @param nameOf what the company's queues are called on this server */
export function furnitureFor(existing: Furnished, nameOf: Record<QueueKey, string>): Furniture {
  const all: Furniture = {
    calendars: [{ name: calendar, hours: serviceHours }],
    segments: [frequent],
    voicemailBoxes: [{ name: box, greeting: say(sorry), agents: desk }],
    flows: [receptionFlow(nameOf)],
    scorecards: [scorecard, timelineScorecard],
    alertRules,
  };
  const missing = <Thing extends { name: string }>(wanted: readonly Thing[], of: Things): Thing[] => {
    const taken = new Set((existing[of] ?? []).map(({ name }) => name.toLowerCase()));
    return wanted.filter(({ name }) => !taken.has(name.toLowerCase()));
  };
  return {
    calendars: missing(all.calendars, 'calendars'),
    segments: missing(all.segments, 'segments'),
    voicemailBoxes: missing(all.voicemailBoxes, 'voicemailBoxes'),
    flows: missing(all.flows, 'flows'),
    scorecards: missing(all.scorecards, 'scorecards'),
    alertRules: missing(all.alertRules, 'alertRules'),
  };
}

/** Round the clock, so that the company is never found asleep, but for two days of the year. */
const serviceHours = {
  timeZone: 'Europe/Prague',
  week: {
    ...{ monday: wholeDay, tuesday: wholeDay, wednesday: wholeDay, thursday: wholeDay },
    ...{ friday: wholeDay, saturday: wholeDay, sunday: wholeDay },
  },
  specialDays: [
    { name: 'New Year', day: '01-01' },
    { name: 'Christmas', day: '12-25' },
  ],
};

const frequent = {
  name: 'Frequent callers',
  description: 'Whoever called three times within a week.',
  contacts: { countMin: 3, days: 7 },
};

/** Who hears what is left at the reception. */
const desk = agents.filter(({ serves }) => serves[0]?.queue === 'support').map(({ username }) => username);

type Words = { en: string; es: string; cs: string };
const say = (text: Words) => [{ text }];
const sorry: Words = {
  en: 'We cannot take your call now. Please leave a message after the tone.',
  es: 'Ahora no podemos atender su llamada. Deje un mensaje después de la señal.',
  cs: 'Teď váš hovor nemůžeme přijmout. Po zaznění tónu zanechte vzkaz.',
};

function receptionFlow(nameOf: Record<QueueKey, string>): FlowDocumentInput {
  const queue = (key: QueueKey) =>
    ({ kind: 'queue', queue: nameOf[key], refused: 'message' }) satisfies FlowDocumentInput['nodes'][string];
  const { keys } = reception;
  return {
    name: 'Reception',
    description:
      'Greets, looks at the hours, and leads to a queue by key. Whoever finds nobody leaves a message.',
    start: 'welcome',
    nodes: {
      welcome: {
        kind: 'say',
        prompt: say({ en: 'Welcome.', es: 'Bienvenido.', cs: 'Dobrý den, vítejte.' }),
        next: 'hours',
      },
      hours: { kind: 'hours', hours: { calendar }, open: 'menu', closed: 'message' },
      menu: {
        kind: 'menu',
        prompt: say({
          en: 'For support press one, for invoices two, for Spanish three.',
          es: 'Para soporte en inglés, pulse uno; para facturas, dos; para soporte en español, tres.',
          cs: 'Pro podporu stiskněte jedničku, pro faktury dvojku, pro španělštinu trojku.',
        }),
        keys: { [keys.support]: 'support', [keys.billing]: 'billing', [keys.soporte]: 'soporte' },
        otherwise: 'support',
      },
      support: queue('support'),
      billing: queue('billing'),
      soporte: queue('soporte'),
      message: { kind: 'voicemail', box, next: 'bye', failed: 'bye' },
      bye: {
        kind: 'end',
        prompt: say({ en: 'Thank you. Goodbye.', es: 'Gracias. Adiós.', cs: 'Děkujeme. Na shledanou.' }),
      },
    },
  };
}

/** Where callers are led who dial the number of the advertisements. */
export function routingRules(
  nameOf: Record<QueueKey, string>,
): NonNullable<ConfigurationDocumentInput['rules']> {
  const spanish: RoutingCondition = { field: 'country', is: 'one-of', values: ['ES'] };
  // Several countries share this prefix, so that the number alone does not tell which.
  const british: RoutingCondition = { field: 'caller', is: 'starting-with', values: ['+44'] };
  const to = (key: QueueKey, priority = 0) => ({ queue: nameOf[key], priority });
  return [
    {
      name: 'From Spain',
      description: 'Whoever calls from Spain is served in Spanish.',
      when: spanish,
      targets: [{ to: to('soporte') }],
      fallbacks: [to('support')],
    },
    {
      name: 'Frequent callers of the house',
      description: 'Whoever has called often lately comes before others.',
      when: { all: [{ field: 'segment', is: 'one-of', values: [frequent.name] }, { not: british }] },
      targets: [{ to: to('support', 2) }],
      fallbacks: [{ voicemail: box }],
    },
    {
      name: 'Invoices for Great Britain',
      description: 'From there people call about invoices; while nobody is free for them, support helps.',
      when: british,
      targets: [{ to: to('billing') }],
      fallbacks: [to('support')],
    },
    {
      name: 'Everybody else',
      description: 'Support knows where to go on.',
      targets: [{ to: to('support') }],
      fallbacks: [{ voicemail: box }],
    },
  ];
}

const scorecard: NonNullable<ConfigurationDocumentInput['scorecards']>[number] = {
  name: 'Quality of a conversation',
  note: 'For conversations of all queues.',
  groups: [
    {
      name: 'Welcome',
      weight: 20,
      questions: [
        {
          kind: 'yes-no',
          id: 'greeting',
          text: 'Did the agent say the name of the company and the own name?',
        },
        {
          kind: 'points',
          id: 'tone',
          text: 'How friendly was the tone?',
          help: '100: one likes to call again.',
        },
      ],
    },
    {
      name: 'Solution',
      weight: 80,
      questions: [
        { kind: 'points', id: 'understood', text: 'Was the question understood?', weight: 30 },
        {
          kind: 'choice',
          id: 'solved',
          text: 'Was it settled?',
          weight: 50,
          options: [
            { id: 'yes', label: 'In this call', points: 100 },
            { id: 'later', label: 'With a promise that can be kept', points: 60 },
            { id: 'no', label: 'No', points: 0 },
          ],
        },
        { kind: 'yes-no', id: 'privacy', text: 'Were secrets kept?', weight: 20, fatal: true },
      ],
    },
  ],
};

const alertRules: Furniture['alertRules'] = [
  { name: 'Long conversation', condition: { kind: 'talk-time', seconds: 120 } },
  { name: 'Missed offers', condition: { kind: 'missed-offers', count: 2 } },
];
