import {
  FlowDocument,
  type FlowDocumentInput,
  type FlowId,
  type OverflowTarget,
  type QueueSettings,
  type VoicemailBoxSettings,
} from '@crosspoint/contracts';
import type { PublishedFlow } from '../flows/index.ts';

/** How long a number outside rings for a caller whom a queue gives up. */
const ringSeconds = 45;

/**
 * The flow that takes over from a queue: the one that is named, or one of those that everybody has, which let the caller leave a
 * message, promise a callback or call a number outside. Undefined for a target of another kind, and for a flow or a box that is not there.
 */
export function flowTo(
  target: OverflowTarget,
  has: {
    flows: ReadonlyMap<string, PublishedFlow>;
    boxes: ReadonlyMap<string, VoicemailBoxSettings>;
    /** The queue that gives the contact up. */
    from: QueueSettings | undefined;
  },
): PublishedFlow | undefined {
  switch (target.kind) {
    case 'flow':
      return has.flows.get(target.flow);
    case 'voicemail': {
      const box = has.boxes.get(target.box);
      return box === undefined ? undefined : messageFlow(box);
    }
    case 'callback':
      return has.from === undefined ? undefined : callbackFlow(has.from);
    case 'outside':
      return builtIn('overflow-outside', {
        kind: 'transfer',
        to: { number: target.number },
        ringSeconds,
        failed: 'end',
      });
    case 'queue':
    case 'number':
    case 'hang-up':
      return undefined;
  }
}

/** What is said in them has to be spoken before a caller comes. */
export function messageFlows(boxes: ReadonlyMap<string, VoicemailBoxSettings>): PublishedFlow[] {
  return [...boxes.values()].map(messageFlow);
}

function messageFlow({
  name,
  greeting,
  language,
  maxSeconds,
  silenceSeconds,
}: VoicemailBoxSettings): PublishedFlow {
  const node = { kind: 'voicemail' as const, box: name, prompt: greeting, maxSeconds, silenceSeconds };
  return builtIn('overflow-voicemail', { ...node, next: 'end', failed: 'end' }, language);
}

/** The caller hears that the callback is noted once it is stored, or hears nothing of it. */
function callbackFlow({ name, announcements }: QueueSettings): PublishedFlow {
  const noted = { kind: 'end' as const, prompt: [{ recording: 'callback-noted' }] };
  const node = { kind: 'callback' as const, queue: name, next: 'noted', failed: 'end' };
  return builtIn('overflow-callback', node, announcements.language, { noted });
}

function builtIn(
  name: string,
  node: FlowDocumentInput['nodes'][string],
  language?: FlowDocumentInput['language'],
  more: FlowDocumentInput['nodes'] = {},
): PublishedFlow {
  const nodes = { begin: node, end: { kind: 'end' as const }, ...more };
  const document = FlowDocument.parse({ name, start: 'begin', nodes, language });
  return { id: name as FlowId, version: 1, document };
}
