import type { FlowNodeOf, FlowPrompt } from '@crosspoint/contracts';
import type { CallNode, RunnableFlow, ServiceNode } from '../ivr/index.ts';

/** How the documents of this folder are written: shapes with what is usual in them. */
export type Nodes = RunnableFlow['nodes'];

/** A key is awaited so long; twice it is asked again. */
const patience = { bargeIn: true, timeoutSeconds: 8, retries: 2 } as const;

const said = (names: readonly string[]): FlowPrompt => names.map((recording) => ({ recording }));

/** Says these recordings, after whatever a service left to be said. */
export function say(names: readonly string[], next: string): FlowNodeOf<'say'> {
  return { kind: 'say', prompt: said(names), bargeIn: true, next };
}

export function menu(
  recording: string,
  keys: FlowNodeOf<'menu'>['keys'],
  otherwise = 'goodbye',
): FlowNodeOf<'menu'> {
  const invalidPrompt = said(['menu-wrong-key']);
  return {
    ...{ kind: 'menu', prompt: said([recording]), invalidPrompt, timeoutPrompt: [], ...patience },
    ...{ keys, otherwise },
  };
}

export function collect(
  recording: string,
  variable: string,
  digits: { min: number; max: number; secret: boolean },
  next: string,
): FlowNodeOf<'collect'> {
  return {
    ...{ kind: 'collect', prompt: said([recording]), invalidPrompt: [], ...patience, interDigitSeconds: 5 },
    ...{ variable, digitsMin: digits.min, digitsMax: digits.max, terminator: '#', secret: digits.secret },
    ...{ next, otherwise: 'goodbye' },
  };
}

export function service(
  name: string,
  ways: ServiceNode['ways'],
  given: ServiceNode['given'] = {},
): ServiceNode {
  return { kind: 'service', service: name, given, ways, failed: 'trouble' };
}

export function call(variable: string, failed: string): CallNode {
  return { kind: 'call', variable, ringSeconds: 45, failed };
}

/** Asks to speak, records, lets it be heard, and asks what is to become of it. The nodes begin with `record`. */
export function recording(options: {
  maxSeconds: number;
  silenceSeconds: number;
  keep: string;
  discard: string;
}): Nodes {
  const { maxSeconds, silenceSeconds, keep, discard } = options;
  return {
    record: {
      ...{ kind: 'record', prompt: said(['speak-now']), maxSeconds, silenceSeconds },
      ...{ next: 'review', failed: 'nothing-heard' },
    },
    'nothing-heard': say(['menu-nothing-heard'], discard),
    review: service('recording.review', { heard: 'ask-recorded' }),
    'ask-recorded': menu('recorded-menu', { '1': keep, '2': 'record', '3': 'review', '*': discard }),
  };
}

/** How both documents end. */
export const endings: Nodes = {
  goodbye: { kind: 'end', prompt: said(['menu-goodbye']) },
  trouble: { kind: 'end', prompt: said(['menu-trouble']) },
  locked: { kind: 'end', prompt: said(['menu-locked']) },
};
