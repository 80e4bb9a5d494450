import { BusinessHours, FlowDocument, type FlowDocumentInput } from '@crosspoint/contracts';
import {
  checkFlow,
  createFlowSession,
  type FlowEffect,
  type FlowFault,
  type FlowInput,
  type FlowValue,
  type Utterance,
} from '../src/ivr/index.ts';

type Nodes = FlowDocumentInput['nodes'];

export const end = { kind: 'end' } as const;
export const text = (en: string) => ({ text: { en } });

function wordsOf(utterance: Utterance): string {
  if (utterance.kind === 'text') return utterance.text;
  return utterance.kind === 'sound' ? utterance.path : JSON.stringify(utterance.sentence);
}

export function flow(nodes: Nodes, more: Partial<FlowDocumentInput> = {}): FlowDocument {
  return FlowDocument.parse({ name: 'main', start: Object.keys(nodes)[0], nodes, ...more });
}

export function faultsOf(document: FlowDocument, others: readonly FlowDocument[] = []): FlowFault[] {
  return checkFlow(document, {
    hasQueue: (name) => name === 'support',
    hasAgent: (name) => name === 'alice',
    hasVoicemailBox: (name) => name === 'office',
    hasCalendar: (name) => name === 'shared',
    hasSegment: () => false,
    flow: (name) => others.find((other) => other.name === name),
    isTimeZone: (name) => name === 'Europe/Prague',
  });
}

const day = [{ from: '00:00', to: '24:00' }];
const alwaysOpen = BusinessHours.parse({
  timeZone: 'Europe/Prague',
  week: {
    ...{ monday: day, tuesday: day, wednesday: day, thursday: day },
    ...{ friday: day, saturday: day, sunday: day },
  },
});

/** A caller in a flow, with a clock of their own. */
export class FlowCall {
  readonly effects: FlowEffect[] = [];
  readonly #session;
  now = 0;

  constructor(
    document: FlowDocument,
    others: readonly FlowDocument[] = [],
    callerPhone = '+420555000111',
    callId = '',
  ) {
    this.#session = createFlowSession(document, {
      flow: (name) => others.find((other) => other.name === name),
      hours: (name) => (name === 'shared' ? alwaysOpen : undefined),
    });
    this.do({ type: 'started', caller: { callerPhone, callerName: 'Eva', number: '700', callId } });
  }

  do(input: FlowInput): this {
    this.effects.push(...this.#session.handle(input, this.now));
    return this;
  }

  keys(digits: string): this {
    for (const digit of digits) this.do({ type: 'digit', digit });
    return this;
  }

  /** What is listened for now; undefined when nothing is. */
  get listened() {
    const last = this.effects.findLast(({ type }) => type === 'listen' || type === 'listen.end');
    return last?.type === 'listen' ? last : undefined;
  }

  /** Speaks; somebody recognises it. */
  says(text: string, confidence = 1): this {
    const id = this.listened?.id ?? 0;
    this.do({ type: 'speech.began', id });
    return this.do({ type: 'speech.heard', id, text, confidence });
  }

  said(): this {
    return this.do({ type: 'said' });
  }

  /** What the flow asked for last has come about, or not. */
  answers(result: 'done' | 'failed', values: Record<string, FlowValue> = {}): this {
    const asked = this.effects.findLast(({ type }) => type === 'request');
    const id = asked?.type === 'request' ? asked.id : 0;
    return this.do({ type: 'request.done', id, result, reason: result === 'done' ? '' : 'test', values });
  }

  /** The timer that runs fires. */
  waits(): this {
    const timer = this.effects.findLast(({ type }) => type === 'timer.set' || type === 'timer.cleared');
    if (timer?.type === 'timer.set') this.now = timer.at;
    return this.do({ type: 'timer.due' });
  }

  get isOver(): boolean {
    return this.#session.isOver;
  }
  variable(name: string) {
    return this.#session.variables.get(name);
  }
  get variableNames(): string[] {
    return [...this.#session.variables.keys()];
  }
  get heard(): string[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'say' ? [effect.utterances.map(wordsOf).join(' ')] : [],
    );
  }
  /** `node:exit` of each node gone through. */
  get path(): string[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'passed' ? [`${effect.step.node}:${effect.step.exit}`] : [],
    );
  }
  get ended(): string | undefined {
    const last = this.effects.find(({ type }) => type === 'ended');
    return last?.type === 'ended' ? last.reason : undefined;
  }
}
