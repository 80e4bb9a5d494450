import {
  FlowDocument,
  type FlowDocumentInput,
  type FlowId,
  type OverflowTarget,
} from '@crosspoint/contracts';
import type { PublishedFlow } from '../flows/index.ts';

/** How long a number outside rings for a caller whom a queue gives up. */
const ringSeconds = 45;

/**
 * The flow that takes over from a queue: the one that is named, or one of two that everybody has, which lets the caller leave a
 * message or calls a number outside. Undefined for a target of another kind, or a flow that is not published.
 */
export function flowTo(
  target: OverflowTarget,
  flows: ReadonlyMap<string, PublishedFlow>,
): PublishedFlow | undefined {
  switch (target.kind) {
    case 'flow':
      return flows.get(target.flow);
    case 'voicemail':
      return builtIn('overflow-voicemail', {
        kind: 'voicemail',
        box: target.box,
        next: 'end',
        failed: 'end',
      });
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

function builtIn(name: string, node: FlowDocumentInput['nodes'][string]): PublishedFlow {
  const nodes = { begin: node, end: { kind: 'end' as const } };
  return { id: name as FlowId, version: 1, document: FlowDocument.parse({ name, start: 'begin', nodes }) };
}
