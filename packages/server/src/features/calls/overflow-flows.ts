import {
  FlowDocument,
  type FlowDocumentInput,
  type FlowId,
  type OverflowTarget,
  type QueueId,
  type QueueSettings,
  type VoicemailBoxSettings,
} from '@crosspoint/contracts';
import type { PublishedFlow } from '../flows/index.ts';

/** How long a number outside rings for a caller whom a queue gives up. */
const ringSeconds = 45;

type Node = FlowDocumentInput['nodes'][string];

interface OverflowPlaces {
  flows: ReadonlyMap<string, PublishedFlow>;
  boxes: ReadonlyMap<string, VoicemailBoxSettings>;
  /** The queue that gives the contact up. */
  from: QueueSettings | undefined;
  queueNamed: (id: QueueId) => string | undefined;
}

/**
 * The flow that takes over from a queue: the one that is named, or one of those that everybody has, which let the caller leave a
 * message, promise a callback or call a number outside. A callback that is not promised goes on to `otherwise`. Undefined for a target of another kind, and for a flow or a box that is not there.
 */
export function flowTo(
  target: OverflowTarget,
  has: OverflowPlaces,
  otherwise: readonly OverflowTarget[] = [],
): PublishedFlow | undefined {
  switch (target.kind) {
    case 'flow':
      return has.flows.get(target.flow);
    case 'voicemail': {
      const box = has.boxes.get(target.box);
      return box === undefined ? undefined : builtIn('overflow-voicemail', messageNode(box), box.language);
    }
    case 'callback':
      return has.from === undefined ? undefined : callbackFlow(has.from, otherwise, has);
    case 'outside':
      return builtIn('overflow-outside', outsideNode(target.number));
    case 'queue':
    case 'number':
    case 'hang-up':
      return undefined;
  }
}

/** What is said in them has to be spoken before a caller comes. */
export function messageFlows(boxes: ReadonlyMap<string, VoicemailBoxSettings>): PublishedFlow[] {
  return [...boxes.values()].map((box) => builtIn('overflow-voicemail', messageNode(box), box.language));
}

function messageNode(
  { name, greeting, maxSeconds, silenceSeconds }: VoicemailBoxSettings,
  failed = 'end',
): Node {
  return { kind: 'voicemail', box: name, prompt: greeting, maxSeconds, silenceSeconds, next: 'end', failed };
}

function outsideNode(number: string, failed = 'end'): Node {
  return { kind: 'transfer', to: { number }, ringSeconds, failed };
}

/**
 * The caller hears that the callback is noted once it is stored. Where it is not promised, the chain of the queue goes on, and in the end
 * back into the queue, if it takes the caller.
 */
function callbackFlow(
  { name, announcements }: QueueSettings,
  otherwise: readonly OverflowTarget[],
  has: OverflowPlaces,
): PublishedFlow {
  const noted: Node = { kind: 'end', prompt: [{ recording: 'callback-noted' }] };
  const chain = otherwise.flatMap((target) => nodeTo(target, has) ?? []);
  const nodes = [...chain, backInto(name)];
  const stepAt = (index: number) => (index < nodes.length ? `otherwise-${index + 1}` : 'end');
  const more = nodes.map((nodeOf, index): [string, Node] => [stepAt(index), nodeOf(stepAt(index + 1))]);
  const first: Node = { kind: 'callback', queue: name, next: 'noted', failed: stepAt(0) };
  return builtIn('overflow-callback', first, announcements.language, { noted, ...Object.fromEntries(more) });
}

const backInto =
  (queue: string) =>
  (refused: string): Node => ({ kind: 'queue', queue, refused });

/** The node that leads there, for a way on from it; undefined for what is not there. */
function nodeTo(target: OverflowTarget, has: OverflowPlaces): ((failed: string) => Node) | undefined {
  switch (target.kind) {
    case 'queue': {
      const queue = has.queueNamed(target.queueId);
      return queue === undefined ? undefined : backInto(queue);
    }
    case 'flow':
      return has.flows.has(target.flow)
        ? () => ({ kind: 'sub-flow', flow: target.flow, next: 'end' })
        : undefined;
    case 'voicemail': {
      const box = has.boxes.get(target.box);
      return box === undefined ? undefined : (failed) => messageNode(box, failed);
    }
    case 'outside':
      return (failed) => outsideNode(target.number, failed);
    case 'hang-up':
      return () => ({ kind: 'end' });
    case 'number':
    case 'callback':
      return undefined;
  }
}

function builtIn(
  name: string,
  node: Node,
  language?: FlowDocumentInput['language'],
  more: FlowDocumentInput['nodes'] = {},
): PublishedFlow {
  const nodes = { begin: node, end: { kind: 'end' as const }, ...more };
  const document = FlowDocument.parse({ name, start: 'begin', nodes, language });
  return { id: name as FlowId, version: 1, document };
}
