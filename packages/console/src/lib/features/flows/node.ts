import { FlowNode, type FlowNodeKind, type FlowNodeOf, type PromptLanguage } from '@crosspoint/contracts';
import { waysOf } from '@crosspoint/core/ivr';
import { m } from '#lib/paraglide/messages.js';
import { exitWords, wayOfExit } from './exits.ts';
import { kindOf } from './kinds.ts';
import { conditionWords } from './variables.ts';
import type { NodeShape } from './way-picture.ts';

/** What is used of a field's schema. */
interface FieldSchema {
  def: { type: string; defaultValue?: unknown; innerType?: FieldSchema };
  minValue?: number | null;
  maxValue?: number | null;
}

const shapes = new Map(
  FlowNode.options.map(({ shape }) => [shape.kind.value, shape as unknown as Record<string, FieldSchema>]),
);

/** A new node of a kind, with the defaults of its schema; its ways lead nowhere yet. */
export function newNode(kind: FlowNodeKind, language: PromptLanguage): FlowNode {
  const defaults = Object.entries(shapes.get(kind) ?? {}).flatMap(([name, { def }]) =>
    def.type === 'default' ? [[name, def.defaultValue]] : [],
  );
  return { ...Object.fromEntries(defaults), kind, ...kindOf(kind).make(language) } as FlowNode;
}

/** The limits of a number, from its schema. */
export function limitsOf(kind: FlowNodeKind, field: string): { min: number; max: number } {
  const schema = shapes.get(kind)?.[field];
  const inner = schema?.def.innerType ?? schema;
  return { min: inner?.minValue ?? 0, max: inner?.maxValue ?? Number.MAX_SAFE_INTEGER };
}

export interface Exit {
  path: string;
  label: string;
  to: string;
}

/** Every way out of a node with its name for people. */
export function exitsOf(node: FlowNode): Exit[] {
  return waysOf(node).map(({ path, to }) => ({ path, to, label: exitLabel(node, path) }));
}

function exitLabel(node: FlowNode, path: string): string {
  const [list, which = ''] = path.split('.');
  if (list === 'cases' && node.kind === 'condition')
    return conditionWords(node.cases[Number(which)]?.when ?? '');
  if (list === 'branches' && node.kind === 'split') {
    return m.flow_exit_share({ percent: shareOf(node, Number(which)) });
  }
  return kindOf(node.kind).exits?.[path]?.() ?? exitWords(path);
}

/** By which way a caller left a node, in the words that the node has for it as it is drawn now. */
export function passedWords(node: FlowNode | undefined, exit: string): string {
  const way = wayOfExit(exit);
  const known = node && exitsOf(node).find(({ path }) => path === way);
  return known?.label ?? exitWords(exit);
}

/** What a field of a node is called; empty when it has no name. */
export function fieldLabel(node: FlowNode | undefined, path: string): string {
  if (node === undefined) return '';
  const exit = exitsOf(node).find((each) => each.path === path);
  if (exit !== undefined) return exit.label;
  const [first = ''] = path.split('.');
  const field = kindOf(node.kind).fields.find(({ at }) => at === first);
  return field !== undefined && 'label' in field ? field.label() : '';
}

/** Of a hundred callers, how many go by this branch. */
export function shareOf({ branches }: FlowNodeOf<'split'>, index: number): number {
  const total = branches.reduce((sum, { weight }) => sum + weight, 0);
  return Math.round(((branches[index]?.weight ?? 0) / total) * 100);
}

/** What stands on the canvas for a node, on one line. */
export function contentOf(node: FlowNode, language: PromptLanguage): string {
  return kindOf(node.kind).shows?.(node, language) ?? '';
}

/** How it is drawn: a head, its content, a line for each way out. */
export const nodeWidth = 240;
const headPixels = 32;
const contentPixels = 40;
const exitPixels = 24;
const footPixels = 6;
const borderPixels = 1;
const headMiddlePixels = 16;
/** The dot from which a line is drawn stands half outside the card. */
const dotPixels = 5;

export function sizeOf(node: FlowNode): { width: number; height: number } {
  const height = abovePixels(node) + waysOf(node).length * exitPixels + footPixels + 2 * borderPixels;
  return { width: nodeWidth, height };
}

/** What stands above the first way out. */
const abovePixels = ({ kind }: FlowNode): number =>
  headPixels + (kindOf(kind).shows === undefined ? 0 : contentPixels);

/** Where the line of a way out begins, seen from the place of its node. */
function exitPoint(node: FlowNode, index: number): { x: number; y: number } {
  const y = borderPixels + abovePixels(node) + (index + 0.5) * exitPixels;
  return { x: nodeWidth + dotPixels, y };
}

/** What lines have to know of how nodes are drawn. */
export const nodeShape: NodeShape = {
  sizeOf,
  exitPoint,
  entryPoint: { x: -dotPixels, y: headMiddlePixels + borderPixels },
};
