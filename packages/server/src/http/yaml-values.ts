import type { Document, LineCounter } from 'yaml';
import { yaml } from '../platform/index.ts';

/** A few lines of aliases can otherwise stand for gigabytes. */
const aliasesMax = 100;

/** What is wrong with a text, and where. */
export interface YamlProblem {
  message: string;
  remedy: string;
  line: number;
  column: number;
}

/** The value that a YAML text says, for texts of people whom nobody has asked to be kind: it is finite, and not much longer than they. */
export function yamlValue(
  document: Document.Parsed,
  lines: LineCounter,
): { ok: true; value: unknown } | { ok: false; problem: YamlProblem } {
  const refuse = (message: string, remedy: string, offset = 0) => {
    const { line, col: column } = lines.linePos(offset);
    return { ok: false, problem: { message, remedy, line, column } } as const;
  };
  const circular = aliasInItself(document.contents);
  if (circular !== undefined) {
    const remedy = 'Write out what is meant there.';
    return refuse(`the alias *${circular.source} stands within what it stands for`, remedy, circular.offset);
  }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: aliasesMax }) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return refuse(error.message, 'Write it out instead of using aliases.');
  }
}

/** An alias within its own anchor: the value would have no end, and whoever reads it neither. */
function aliasInItself(root: unknown): { source: string; offset: number } | undefined {
  const { isAlias, isCollection, isNode, isPair } = yaml();
  const anchors = new Map<string, unknown>();
  const open = new Set<unknown>();
  // A stack of its own, because a text may be nested as deeply as the parser could just follow.
  const todo: { node: unknown; isLeft: boolean }[] = [{ node: root, isLeft: false }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { node, isLeft } = next;
    if (isLeft) open.delete(node);
    else if (isAlias(node)) {
      if (open.has(anchors.get(node.source))) return { source: node.source, offset: node.range?.[0] ?? 0 };
    } else if (isPair(node)) {
      todo.push({ node: node.value, isLeft: false }, { node: node.key, isLeft: false });
    } else if (isNode(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (!isCollection(node)) continue;
      open.add(node);
      todo.push({ node, isLeft: true });
      for (const item of node.items.toReversed()) todo.push({ node: item, isLeft: false });
    }
  }
  return undefined;
}
