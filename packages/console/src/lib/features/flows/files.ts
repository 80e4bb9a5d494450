import { type Flow, type FlowDocument, PromptLanguage } from '@crosspoint/contracts';
import { canonicalFlow, flowJson } from '@crosspoint/core/ivr';
import { api, ApiError } from '#lib/api/client.ts';
import { saveFile } from '#lib/features/system/save-file.ts';
import { lazily } from '#lib/navigation/renewal.ts';
import { m } from '#lib/paraglide/messages.js';
import { newNode } from './node.ts';

/** A flow of one sentence and an end, to go on from. */
export function emptyFlow(language: string): FlowDocument {
  const known = PromptLanguage.safeParse(language);
  const own = known.success ? known.data : 'en';
  const say = {
    ...newNode('say', own),
    next: 'end',
    position: { x: 0, y: 0 },
  } as FlowDocument['nodes'][string];
  const end = { ...newNode('end', own), position: { x: 360, y: 0 } };
  return { name: '', description: '', language: own, start: 'say', nodes: { say, end } };
}

/** Hands a flow over as a file, in canonical form: the same flow is the same text, byte for byte. */
export async function saveFlow(document: FlowDocument, format: 'json' | 'yaml'): Promise<void> {
  const name = document.name.trim().replace(/[^\p{L}\p{N}]+/gu, '-') || 'flow';
  if (format === 'json') {
    saveFile(`${name}.json`, 'application/json', flowJson(document));
    return;
  }
  const yaml = await lazily(() => import('yaml'));
  if (yaml === undefined) return;
  saveFile(`${name}.yaml`, 'application/yaml', yaml.stringify(canonicalFlow(document), { lineWidth: 0 }));
}

/**
 * Adds the flow of a file, JSON or YAML, as a draft. The server reads it as it is, and tells where it is none.
 * @throws {ApiError}
 */
export function addFlow(file: File): Promise<Flow> {
  return api.post<Flow>('/ivr/flows', file.slice(0, file.size, 'application/yaml'));
}

/** What is wrong with a file first, with its line and column; undefined when that is another matter than the file. */
export function faultOfFile(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || !fileFaults.has(error.code)) return undefined;
  const [field] = error.fields;
  if (field === undefined) return error.message;
  const { line, column, path, message, remedy } = field;
  const place =
    line === undefined || column === undefined ? '' : `${m.configuration_line({ line, column })}: `;
  return `${place}${`${path} ${message}.`.trim()} ${remedy}`.trim();
}

const fileFaults: ReadonlySet<string> = new Set(['validation-failed', 'body-unreadable']);
