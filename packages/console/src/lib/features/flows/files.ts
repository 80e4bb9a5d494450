import { FlowDocument, PromptLanguage } from '@crosspoint/contracts';
import { canonicalFlow, flowJson } from '@crosspoint/core/ivr';
import { saveFile } from '#lib/features/system/save-file.ts';
import { lazily } from '#lib/navigation/renewal.ts';
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

/** What a file came to: a flow, or where it is none. */
export type ReadFlow = { ok: true; document: FlowDocument } | { ok: false; path: string; message: string };

/** Reads a flow from JSON or YAML; undefined when the reader of such files could not be loaded, which was said. */
export async function readFlow(text: string): Promise<ReadFlow | undefined> {
  const yaml = await lazily(() => import('yaml'));
  if (yaml === undefined) return undefined;
  const { parse, YAMLParseError } = yaml;
  let content: unknown;
  try {
    // JSON is YAML too.
    content = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof YAMLParseError) && !(error instanceof ReferenceError)) throw error;
    return { ok: false, path: '', message: error.message };
  }
  const parsed = FlowDocument.safeParse(content);
  if (parsed.success) return { ok: true, document: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false, path: issue?.path.join('.') ?? '', message: issue?.message ?? '' };
}
