import type { FlowDocument, FlowNode, FlowNodeName } from '@crosspoint/contracts';
import { changedFields, mergeEdits, type Values } from '#lib/editor/merge.ts';

/** What differs between two versions of a flow. Where a node is drawn is no difference. */
export interface FlowChange {
  /** Null: the flow's own settings. */
  node: FlowNodeName | null;
  is: 'added' | 'removed' | 'changed';
  before: Values | undefined;
  after: Values | undefined;
  /** Of a changed one: which of its fields. */
  fields: string[];
}

const settingsOf = ({ nodes: _nodes, ...settings }: FlowDocument): Values => settings;

function contentOf({ position: _position, ...content }: FlowNode): Values {
  return content;
}

export function changesBetween(before: FlowDocument, after: FlowDocument): FlowChange[] {
  const changes: FlowChange[] = [];
  const fields = changedFields(settingsOf(before), settingsOf(after));
  if (fields.length > 0) {
    changes.push({ node: null, is: 'changed', before: settingsOf(before), after: settingsOf(after), fields });
  }
  const names = new Set([...Object.keys(after.nodes), ...Object.keys(before.nodes)]);
  for (const node of names) {
    const former = before.nodes[node];
    const present = after.nodes[node];
    if (former === present) continue;
    const sides = { before: former && contentOf(former), after: present && contentOf(present) };
    if (sides.before === undefined || sides.after === undefined) {
      changes.push({ node, is: former === undefined ? 'added' : 'removed', ...sides, fields: [] });
      continue;
    }
    const differing = changedFields(sides.before, sides.after);
    if (differing.length > 0) changes.push({ node, is: 'changed', ...sides, fields: differing });
  }
  return changes;
}

const nodePrefix = 'node:';
const placePrefix = 'place:';

/** Settings, nodes and their places side by side, so that each belongs to whoever changed it. */
function flat({ nodes, ...settings }: FlowDocument): Values {
  const values: Values = { ...settings };
  for (const [name, node] of Object.entries(nodes)) {
    values[nodePrefix + name] = contentOf(node);
    if (node.position !== undefined) values[placePrefix + name] = node.position;
  }
  return values;
}

function unflat(values: Values): FlowDocument {
  const settings: Values = {};
  const nodes: Values = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || name.startsWith(placePrefix)) continue;
    if (!name.startsWith(nodePrefix)) {
      settings[name] = value;
      continue;
    }
    const node = name.slice(nodePrefix.length);
    const position = values[placePrefix + node];
    nodes[node] = position === undefined ? value : { ...value, position };
  }
  return { ...settings, nodes } as unknown as FlowDocument;
}

export interface FlowMerge {
  merged: FlowDocument;
  /** Nodes and settings changed by both, and not alike: mine are kept. */
  conflicts: FlowNodeName[];
  /** Changed by the other one only: taken over. */
  taken: FlowNodeName[];
}

/** Brings together what two people made of the same draft: each node and each setting belongs to whoever changed it. */
export function mergeFlows(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument): FlowMerge {
  const { merged, conflicts, taken } = mergeEdits(flat(base), flat(mine), flat(theirs));
  // Where a node stands is nothing to argue about: mine counts.
  const plain = (names: readonly string[]) =>
    names
      .filter((name) => !name.startsWith(placePrefix))
      .map((name) => (name.startsWith(nodePrefix) ? name.slice(nodePrefix.length) : name));
  return { merged: unflat(merged), conflicts: plain(conflicts), taken: plain(taken) };
}

/** Whether two documents say the same and are drawn alike. */
export function sameFlow(one: FlowDocument, other: FlowDocument): boolean {
  if (one === other) return true;
  if (changesBetween(one, other).length > 0) return false;
  return Object.entries(one.nodes).every(
    ([name, { position }]) => JSON.stringify(position) === JSON.stringify(other.nodes[name]?.position),
  );
}
