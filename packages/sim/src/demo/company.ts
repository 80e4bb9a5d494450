import type { ConfigurationDocumentInput } from '@crosspoint/contracts';

/** The demo company: everything that a person would otherwise type into the console on the first day. */

export type QueueKey = 'support' | 'billing' | 'soporte';

export type CompanyQueue = {
  key: QueueKey;
  name: string;
  /** The number that customers dial; the company recognises its queue by it, whatever the queue is called later. */
  number: string;
  /** Share of all calls. */
  share: number;
  /** Median length of a conversation. */
  talkMedianMs: number;
  settings: Omit<NonNullable<ConfigurationDocumentInput['queues']>[number], 'name' | 'agents'>;
};

export const queues: readonly CompanyQueue[] = [
  {
    key: 'support',
    name: 'Support',
    number: '+420555000201',
    share: 0.42,
    talkMedianMs: 24_000,
    settings: {
      ringTimeoutSeconds: 12,
      wrapUp: { mode: 'timed', seconds: 14 },
      serviceLevel: { seconds: 20, target: 0.8 },
      maxSize: 20,
      recording: 'always',
      maxNonResponses: 2,
    },
  },
  {
    key: 'billing',
    name: 'Billing',
    number: '+420555000202',
    share: 0.3,
    talkMedianMs: 20_000,
    // Card numbers are spoken here, so nothing is kept.
    settings: {
      ringTimeoutSeconds: 15,
      wrapUp: { mode: 'timed', seconds: 16 },
      serviceLevel: { seconds: 30, target: 0.8 },
      maxSize: 15,
      recording: 'never',
    },
  },
  {
    key: 'soporte',
    name: 'Soporte ES',
    number: '+34555000203',
    share: 0.28,
    talkMedianMs: 26_000,
    settings: {
      ringTimeoutSeconds: 12,
      wrapUp: { mode: 'timed', seconds: 12 },
      serviceLevel: { seconds: 20, target: 0.75 },
      maxSize: 15,
      recording: 'always',
    },
  },
];

/** How somebody behaves at the phone. */
export type Temperament = {
  /** Median time from the first ring to the answer. */
  answerMedianMs: number;
  /** Shares of offers that are turned down, and that ring until the queue gives up. */
  rejects: number;
  misses: number;
};

export type CompanyAgent = {
  username: string;
  name: string;
  extension: string;
  languages: string[];
  skills: Record<string, number>;
  serves: { queue: QueueKey; priority: number; delaySeconds: number }[];
  /** Fundamental frequency of the voice. */
  pitchHz: number;
  temperament: Temperament;
};

const quick: Temperament = { answerMedianMs: 2_200, rejects: 0.01, misses: 0.01 };
const usual: Temperament = { answerMedianMs: 3_400, rejects: 0.03, misses: 0.03 };
const absentMinded: Temperament = { answerMedianMs: 5_000, rejects: 0.06, misses: 0.16 };

const first = (queue: QueueKey) => ({ queue, priority: 1, delaySeconds: 0 });
/** Helps out in a queue that is not one's own: after a while, and after one's own callers. */
const helps = (queue: QueueKey) => ({ queue, priority: 5, delaySeconds: 8 });

export const agents: readonly CompanyAgent[] = [
  {
    username: 'jana.novakova',
    name: 'Jana Nováková',
    extension: '201',
    languages: ['cs', 'en'],
    skills: { network: 5, billing: 2 },
    serves: [first('support'), helps('billing')],
    pitchHz: 205,
    temperament: quick,
  },
  {
    username: 'tomas.dvorak',
    name: 'Tomáš Dvořák',
    extension: '202',
    languages: ['cs', 'en'],
    skills: { network: 4, devices: 5 },
    serves: [first('support')],
    pitchHz: 112,
    temperament: absentMinded,
  },
  {
    username: 'emily.carter',
    name: 'Emily Carter',
    extension: '203',
    languages: ['en'],
    skills: { devices: 4 },
    serves: [first('support')],
    pitchHz: 218,
    temperament: usual,
  },
  {
    username: 'oliver.hughes',
    name: 'Oliver Hughes',
    extension: '204',
    languages: ['en', 'es'],
    skills: { network: 3, devices: 3 },
    serves: [first('support'), helps('soporte')],
    pitchHz: 104,
    temperament: usual,
  },
  {
    username: 'petra.svobodova',
    name: 'Petra Svobodová',
    extension: '205',
    languages: ['cs', 'en'],
    skills: { billing: 5 },
    serves: [first('billing')],
    pitchHz: 192,
    temperament: usual,
  },
  {
    username: 'martin.cerny',
    name: 'Martin Černý',
    extension: '206',
    languages: ['cs'],
    skills: { billing: 4, network: 1 },
    serves: [first('billing')],
    pitchHz: 121,
    temperament: usual,
  },
  {
    username: 'grace.bennett',
    name: 'Grace Bennett',
    extension: '207',
    languages: ['en', 'cs'],
    skills: { billing: 3, devices: 2 },
    serves: [first('billing'), helps('support')],
    pitchHz: 224,
    temperament: quick,
  },
  {
    username: 'lucia.fernandez',
    name: 'Lucía Fernández',
    extension: '208',
    languages: ['es', 'en'],
    skills: { network: 4, devices: 3 },
    serves: [first('soporte')],
    pitchHz: 210,
    temperament: quick,
  },
  {
    username: 'javier.romero',
    name: 'Javier Romero',
    extension: '209',
    languages: ['es'],
    skills: { network: 3 },
    serves: [first('soporte')],
    pitchHz: 98,
    temperament: absentMinded,
  },
  {
    username: 'carmen.ortega',
    name: 'Carmen Ortega',
    extension: '210',
    languages: ['es', 'cs', 'en'],
    skills: { network: 2, billing: 3 },
    serves: [first('soporte'), helps('billing')],
    pitchHz: 186,
    temperament: usual,
  },
];

export const teams: readonly { name: string; parent?: string; members: string[] }[] = [
  { name: 'Customer care', members: ['martina.prochazkova'] },
  {
    name: 'Support desk',
    parent: 'Customer care',
    members: ['jana.novakova', 'tomas.dvorak', 'emily.carter', 'oliver.hughes'],
  },
  {
    name: 'Billing desk',
    parent: 'Customer care',
    members: ['petra.svobodova', 'martin.cerny', 'grace.bennett'],
  },
  {
    name: 'Equipo Madrid',
    parent: 'Customer care',
    members: ['lucia.fernandez', 'javier.romero', 'carmen.ortega'],
  },
];

/** Who looks after them. Nobody can sign in as her until a password is set in the console. */
export const supervisor = {
  username: 'martina.prochazkova',
  name: 'Martina Procházková',
  role: 'supervisor' as const,
  language: 'cs' as const,
  timeZone: 'Europe/Prague',
};

/** Reasons of breaks that every installation begins with, and how long the breaks take here. */
export const breaks: readonly { reasonCode: string; medianMs: number; share: number }[] = [
  { reasonCode: 'break', medianMs: 55_000, share: 0.55 },
  { reasonCode: 'lunch', medianMs: 150_000, share: 0.15 },
  { reasonCode: 'meeting', medianMs: 110_000, share: 0.15 },
  { reasonCode: 'training', medianMs: 130_000, share: 0.15 },
];
