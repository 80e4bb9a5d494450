import { FlowDocument } from '@crosspoint/contracts';

/** What a reader looks for first; everything else follows in the order of the alphabet. */
const first = ['name', 'description', 'language', 'start', 'nodes', 'kind', 'note', 'position'];
const rank = new Map(first.map((key, index) => [key, index]));

/**
 * The one form in which a flow is written: everything that has a default is there, and fields stand in a fixed order. Two documents that
 * mean the same are the same text.
 */
export function canonicalFlow(document: FlowDocument): FlowDocument {
  return ordered(FlowDocument.parse(document)) as FlowDocument;
}

/** The canonical form as JSON, two spaces deep, with a new line at its end. */
export function flowJson(document: FlowDocument): string {
  return `${JSON.stringify(canonicalFlow(document), null, 2)}\n`;
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  entries.sort(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
}

function rankOf(key: string): number {
  return rank.get(key) ?? first.length;
}
