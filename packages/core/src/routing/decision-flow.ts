import { FlowDocument, type FlowNode, type RoutingTarget } from '@crosspoint/contracts';

/** The name under which decisions of rules stand where flows do. */
export const rulesFlowName = 'rules';

/**
 * A flow that tries targets one after the other: the next one when a queue refuses, when nobody answers, when no message is left. The
 * machine that runs flows so runs fall-back chains too.
 */
export function decisionFlow(targets: readonly RoutingTarget[]): FlowDocument {
  const nodes: Record<string, FlowNode> = { over: { kind: 'end', prompt: [] } };
  targets.forEach((target, index) => {
    const next = index + 1 < targets.length ? nodeName(index + 1) : 'over';
    nodes[nodeName(index)] = nodeOf(target, next);
  });
  const start = targets.length === 0 ? 'over' : nodeName(0);
  return FlowDocument.parse({ name: rulesFlowName, start, nodes });
}

const nodeName = (index: number): string => `target-${index + 1}`;

function nodeOf(target: RoutingTarget, next: string): FlowNode {
  if ('queue' in target) {
    const { queue, priority, preferredAgent } = target;
    const wish = preferredAgent === undefined ? {} : { preferredAgent: JSON.stringify(preferredAgent) };
    return { kind: 'queue', queue, priority, ...wish, refused: next };
  }
  if ('flow' in target) return { kind: 'sub-flow', flow: target.flow, next: 'over' };
  if ('agent' in target) {
    return { kind: 'transfer', to: { agent: target.agent }, ringSeconds: 25, failed: next };
  }
  if ('number' in target) {
    return { kind: 'transfer', to: { number: target.number }, ringSeconds: 40, failed: next };
  }
  if ('voicemail' in target) {
    const limits = { maxSeconds: 120, silenceSeconds: 4 };
    return { kind: 'voicemail', box: target.voicemail, prompt: [], ...limits, next: 'over', failed: next };
  }
  return { kind: 'end', prompt: [] };
}
