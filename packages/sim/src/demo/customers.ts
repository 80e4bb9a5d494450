import { type CompanyQueue, queues } from './company.ts';
import { type Cue, scriptConversation, talkMs } from './conversation.ts';
import { clamp, pick, pickByShare, randomOf, whole } from './chance.ts';
import { nextArrivalMs, type Wave } from './wave.ts';

/** Somebody who may call: the same people call again and again. */
export type Customer = {
  /** The caller's number, unique among them. */
  phone: string;
  /** What the phone shows beside the number; not everybody's does. */
  name: string | undefined;
  pitchHz: number;
};

/** Everything that a caller will do, decided before the call. */
export type CallPlan = {
  index: number;
  /** From the beginning of the demo. */
  atMs: number;
  queue: CompanyQueue;
  /**
   * Which number is dialled: that of the queue, of the reception, where keys lead to the queue, or the one at which the rules
   * find the queue by the caller's country.
   */
  door: 'queue' | 'reception' | 'rules';
  customer: Customer;
  /** How long the caller waits for an agent. */
  patienceMs: number;
  talkMs: number;
  cues: Cue[];
};

/** How many people know the number of one queue. */
const customersPerQueue = 60;
const patienceMeanMs = 130_000;
const patienceMinMs = 12_000;
const patienceMaxMs = 300_000;
/** Callers who notice at once that they dialled wrongly. */
const misdialShare = 0.02;
const anonymousShare = 0.25;
/** Those who know no number but that of the house. */
const receptionShare = 0.3;
/** Those who know the number of the advertisements. */
const rulesShare = 0.2;

const international = {
  women: ['Alice', 'Hannah', 'Nora', 'Zuzana', 'Eva', 'Klára', 'Lenka', 'Olivia', 'Sophie', 'Veronika'],
  men: ['Adam', 'Daniel', 'David', 'Harry', 'Jakub', 'Jan', 'Lukáš', 'Ondřej', 'Samuel', 'William'],
  families: ['Barker', 'Beneš', 'Doležal', 'Fiala', 'Hájek', 'Hudson', 'Kolář', 'Marek', 'Palmer', 'Walsh'],
};
const spanish = {
  women: ['Alba', 'Blanca', 'Elena', 'Inés', 'Marta', 'Nuria', 'Paula', 'Rocío', 'Sara', 'Teresa'],
  men: ['Álvaro', 'Andrés', 'Diego', 'Hugo', 'Iván', 'Jorge', 'Manuel', 'Pablo', 'Raúl', 'Sergio'],
  families: ['Cano', 'Castro', 'Delgado', 'Gil', 'León', 'Molina', 'Navarro', 'Reyes', 'Soto', 'Vega'],
};

/** The n-th person who knows the number of a queue. */
export function customer(seed: number, queue: CompanyQueue, index: number): Customer {
  const random = randomOf(seed, 'customer', queue.key, index);
  const names = queue.key === 'soporte' ? spanish : international;
  const isWoman = random.chance(0.5);
  const name = `${pick(random, isWoman ? names.women : names.men)} ${pick(random, names.families)}`;
  const line = String(index).padStart(3, '0');
  return {
    phone: phoneNumber(queue, line),
    name: random.chance(anonymousShare) ? undefined : name,
    pitchHz: Math.round(isWoman ? random.uniform(180, 235) : random.uniform(92, 135)),
  };
}

/** Numbers that nobody has: 555 in the plans without a reserved range, Ofcom's drama numbers in the British one. */
function phoneNumber(queue: CompanyQueue, line: string): string {
  switch (queue.key) {
    case 'support':
      return `+420555100${line}`;
    case 'billing':
      return `+447700900${line}`;
    case 'soporte':
      return `+34555200${line}`;
  }
}

/** All calls of the demo, one after the other in order of time, without end. */
export function* calls(seed: number, wave: Wave): Generator<CallPlan, never> {
  const arrivals = randomOf(seed, 'arrivals');
  let atMs = 0;
  for (let index = 0; ; index += 1) {
    atMs = nextArrivalMs(wave, arrivals, atMs);
    yield planCall(seed, index, atMs);
  }
}

function doorOf(draw: number): CallPlan['door'] {
  if (draw < receptionShare) return 'reception';
  return draw < receptionShare + rulesShare ? 'rules' : 'queue';
}

function planCall(seed: number, index: number, atMs: number): CallPlan {
  const random = randomOf(seed, 'call', index);
  const queue = pickByShare(queues, random.unit());
  const misdialled = random.chance(misdialShare);
  const patienceMs = misdialled
    ? random.uniform(1_500, 4_000)
    : clamp(random.exponential(patienceMeanMs), patienceMinMs, patienceMaxMs);
  const durationMs = talkMs(random, queue.talkMedianMs);
  return {
    index,
    atMs,
    queue,
    door: doorOf(randomOf(seed, 'reception', index).unit()),
    customer: customer(seed, queue, whole(random, 0, customersPerQueue - 1)),
    patienceMs: Math.round(patienceMs),
    talkMs: durationMs,
    cues: scriptConversation(random, durationMs),
  };
}
