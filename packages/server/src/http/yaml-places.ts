import type { LineCounter, Node, YAMLMap } from 'yaml';
import { yaml } from '../platform/index.ts';
import type { Path } from './field-errors.ts';

/** Where a part of a text stands, or its key. */
export type Locate = (path: Path, ofKey?: boolean) => { line: number; column: number };

/**
 * Where a path stands: the value, the key when `ofKey`, or the nearest part that exists when the value is missing.
 */
export function placeInYaml(
  root: Node | null,
  path: Path,
  ofKey: boolean,
  lines: LineCounter,
): { line: number; column: number } {
  let offset = root?.range?.[0] ?? 0;
  let node: unknown = root;
  path.forEach((step, index) => {
    const last = index === path.length - 1;
    if (yaml().isMap(node)) {
      const pair = pairOf(node, step);
      if (pair === undefined) {
        node = undefined;
        return;
      }
      const target = last && ofKey ? pair.key : (pair.value ?? pair.key);
      offset = rangeStart(target) ?? offset;
      node = pair.value;
    } else if (yaml().isSeq(node)) {
      node = node.items[Number(step)];
      offset = rangeStart(node) ?? offset;
    } else {
      node = undefined;
    }
  });
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function pairOf(map: YAMLMap, key: PropertyKey) {
  return map.items.find(
    (pair) => yaml().isPair(pair) && yaml().isScalar(pair.key) && String(pair.key.value) === String(key),
  );
}

function rangeStart(node: unknown): number | undefined {
  return yaml().isNode(node) ? (node.range?.[0] ?? undefined) : undefined;
}
