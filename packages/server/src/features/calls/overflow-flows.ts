import {
  FlowDocument,
  type FlowDocumentInput,
  type FlowId,
  type OverflowTarget,
  type VoicemailBoxSettings,
} from '@crosspoint/contracts';
import type { PublishedFlow } from '../flows/index.ts';

/** How long a number outside rings for a caller whom a queue gives up. */
const ringSeconds = 45;

/**
 * The flow that takes over from a queue: the one that is named, or one of two that everybody has, which lets the caller leave a
 * message or calls a number outside. Undefined for a target of another kind, and for a flow or a box that is not there.
 */
export function flowTo(
  target: OverflowTarget,
  has: {
    flows: ReadonlyMap<string, PublishedFlow>;
    boxes: ReadonlyMap<string, VoicemailBoxSettings>;
  },
): PublishedFlow | undefined {
  switch (target.kind) {
    case 'flow':
      return has.flows.get(target.flow);
    case 'voicemail': {
      const box = has.boxes.get(target.box);
      return box === undefined ? undefined : messageFlow(box);
    }
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

function builtIn(
  name: string,
  node: FlowDocumentInput['nodes'][string],
  language?: FlowDocumentInput['language'],
): PublishedFlow {
  const nodes = { begin: node, end: { kind: 'end' as const } };
  const document = FlowDocument.parse({ name, start: 'begin', nodes, language });
  return { id: name as FlowId, version: 1, document };
}
