import type { FlowDocument, FlowNode, FlowPrompt } from '@crosspoint/contracts';

/** Something that flows, rules and queues name. */
export interface NamedThing {
  readonly kind: 'queue' | 'flow' | 'calendar' | 'segment' | 'voicemail-box' | 'agent' | 'recording';
  readonly name: string;
}

/** Everything that a flow names, each thing once. */
export function namesInFlow({ nodes }: FlowDocument): NamedThing[] {
  return eachOnce(Object.values(nodes).flatMap(namesInNode));
}

/** The recordings that a prompt plays. */
export function namesInPrompt(prompt: FlowPrompt): NamedThing[] {
  return prompt.flatMap((piece) =>
    'recording' in piece ? [{ kind: 'recording' as const, name: piece.recording }] : [],
  );
}

export function eachOnce(things: readonly NamedThing[]): NamedThing[] {
  const known = new Map(things.map((thing) => [`${thing.kind} ${thing.name}`, thing]));
  return [...known.values()];
}

function namesInNode(node: FlowNode): NamedThing[] {
  const recordings = [
    ...('prompt' in node ? namesInPrompt(node.prompt) : []),
    ...('invalidPrompt' in node ? namesInPrompt(node.invalidPrompt) : []),
    ...('timeoutPrompt' in node ? namesInPrompt(node.timeoutPrompt) : []),
    ...('speech' in node && node.speech !== undefined
      ? [...namesInPrompt(node.speech.confirmPrompt), ...namesInPrompt(node.speech.keysPrompt)]
      : []),
  ];
  return [...recordings, ...ownNames(node)];
}

function ownNames(node: FlowNode): NamedThing[] {
  switch (node.kind) {
    case 'play':
      return [{ kind: 'recording', name: node.recording }];
    case 'queue':
    case 'callback':
      return [{ kind: 'queue', name: node.queue }];
    case 'sub-flow':
      return [{ kind: 'flow', name: node.flow }];
    case 'voicemail':
      return [{ kind: 'voicemail-box', name: node.box }];
    case 'transfer':
      return 'agent' in node.to ? [{ kind: 'agent', name: node.to.agent }] : [];
    case 'hours':
      return 'calendar' in node.hours ? [{ kind: 'calendar', name: node.hours.calendar }] : [];
    default:
      return [];
  }
}
