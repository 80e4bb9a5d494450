import type { FlowDocument, FlowNode, FlowNodeName } from '@crosspoint/contracts';

/** One way out of a node. */
export interface Way {
  /** As in the document: `next`, `keys.1`, `cases.0.next`. */
  readonly path: string;
  readonly to: FlowNodeName;
  /** Taken only because the caller keyed something, or after a long wait in a queue. */
  readonly byCaller: boolean;
}

/** Every way out of a node, in the order of the document; none where the flow ends or returns. */
export function waysOf(node: FlowNode): Way[] {
  const way = (path: string, to: FlowNodeName, byCaller = false): Way => ({ path, to, byCaller });
  switch (node.kind) {
    case 'say':
    case 'play':
    case 'set':
    case 'language':
    case 'sub-flow':
      return [way('next', node.next)];
    case 'menu':
      return [
        ...Object.entries(node.keys).flatMap(([key, to]) =>
          to === undefined ? [] : [way(`keys.${key}`, to, true)],
        ),
        way('otherwise', node.otherwise),
      ];
    case 'collect':
    case 'survey':
      return [way('next', node.next, true), way('otherwise', node.otherwise)];
    case 'http':
    case 'voicemail':
    case 'callback':
    case 'record':
      return [way('next', node.next), way('failed', node.failed)];
    case 'transfer':
      return [way('failed', node.failed)];
    case 'condition':
      return [
        ...node.cases.map(({ next }, index) => way(`cases.${index}.next`, next)),
        way('otherwise', node.otherwise),
      ];
    case 'hours':
      return [way('open', node.open), way('closed', node.closed)];
    case 'split':
      return node.branches.map(({ next }, index) => way(`branches.${index}.next`, next));
    case 'queue':
      return [
        way('refused', node.refused),
        ...(node.after === undefined ? [] : [way('after.next', node.after.next, true)]),
      ];
    case 'return':
    case 'end':
      return [];
  }
}

/** The nodes that can be reached from the start. */
export function reachable({ nodes, start }: FlowDocument): Set<FlowNodeName> {
  const found = new Set<FlowNodeName>();
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = nodes[name];
    if (node === undefined || found.has(name)) continue;
    found.add(name);
    for (const { to } of waysOf(node)) open.push(to);
  }
  return found;
}

/**
 * A circle in which a caller who keys nothing would stay for ever, as the names along it; undefined when there is none. Without
 * one, every path that is not driven by the caller ends.
 */
export function silentCircle({ nodes }: FlowDocument): FlowNodeName[] | undefined {
  const state = new Map<FlowNodeName, 'open' | 'done'>();
  for (const first of Object.keys(nodes)) {
    if (state.has(first)) continue;
    // A walk with a stack of its own: a flow may be as deep as it has nodes.
    const path: { name: FlowNodeName; ways: Way[] }[] = [];
    const enter = (name: FlowNodeName, node: FlowNode) => {
      state.set(name, 'open');
      path.push({ name, ways: waysOf(node).filter(({ byCaller }) => !byCaller) });
    };
    enter(first, nodes[first] as FlowNode);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const way = top.ways.pop();
      if (way === undefined) {
        state.set(top.name, 'done');
        path.pop();
        continue;
      }
      if (state.get(way.to) === 'open') {
        return path.slice(path.findIndex(({ name }) => name === way.to)).map(({ name }) => name);
      }
      const node = nodes[way.to];
      if (node !== undefined && !state.has(way.to)) enter(way.to, node);
    }
  }
  return undefined;
}
