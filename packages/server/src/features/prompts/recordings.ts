import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Prompt, PromptId, PromptLanguage } from '@crosspoint/contracts';
import { promptLanguages } from '@crosspoint/core';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';

/** The recordings that come with the product. */
export const shippedDir = join(
  dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))),
  'assets',
  'prompts',
);

/** Where a tenant's own recordings lie: those of the first one where a person puts files by hand. */
export function ownPromptsDir(dataDir: string, tenantId: string): string {
  const dir = join(dataDir, 'prompts');
  return tenantId === DEFAULT_TENANT_ID ? dir : join(dir, 'tenants', tenantId);
}

/** A recording as its file tells: what nobody noted about it is not there. */
export type FoundPrompt = Pick<Prompt, 'id' | 'name' | 'language' | 'origin'> & { path: string };

/** Every recording by language and name; one's own before the shipped one of the same name. */
export async function listPrompts(
  dataDir: string,
  tenantId: string,
  wanted: PromptLanguage | undefined,
): Promise<FoundPrompt[]> {
  const prompts: FoundPrompt[] = [];
  for (const language of wanted === undefined ? promptLanguages : [wanted]) {
    const ownDir = join(ownPromptsDir(dataDir, tenantId), language);
    const own = new Set(await recordingNames(ownDir));
    const shipped = await recordingNames(join(shippedDir, language));
    for (const name of [...new Set([...own, ...shipped])].toSorted()) {
      const origin = own.has(name) ? 'own' : 'shipped';
      const path = join(origin === 'own' ? ownDir : join(shippedDir, language), `${name}.wav`);
      prompts.push({ id: `${language}.${name}`, name, language, origin, path });
    }
  }
  return prompts;
}

/** The names of all recordings that a tenant's callers may hear, in whatever language. */
export async function playableNames(dataDir: string, tenantId: string): Promise<ReadonlySet<string>> {
  return new Set((await listPrompts(dataDir, tenantId, undefined)).map(({ name }) => name));
}

/** The file of a recording; undefined when there is none. */
export async function findPrompt(
  dataDir: string,
  tenantId: string,
  id: PromptId,
): Promise<{ path: string; origin: Prompt['origin'] } | undefined> {
  const own = await fileOf(ownPromptsDir(dataDir, tenantId), id);
  if (own !== undefined) return { path: own, origin: 'own' };
  const shipped = await shippedPath(id);
  return shipped === undefined ? undefined : { path: shipped, origin: 'shipped' };
}

/** The file of a recording that comes with the product; undefined when it has none of that name. */
export function shippedPath(id: PromptId): Promise<string | undefined> {
  return fileOf(shippedDir, id);
}

async function fileOf(dir: string, id: PromptId): Promise<string | undefined> {
  const [language = '', name = ''] = id.split('.');
  const path = join(dir, language, `${name}.wav`);
  return access(path).then(
    () => path,
    () => undefined,
  );
}

/** The names of the WAV files of a folder; none when it is not there. */
export async function recordingNames(dir: string): Promise<string[]> {
  const files = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return files.flatMap((file) => (file.endsWith('.wav') ? [file.slice(0, -'.wav'.length)] : []));
}
