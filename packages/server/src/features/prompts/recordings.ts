import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Prompt, PromptId, PromptLanguage } from '@crosspoint/contracts';
import { promptLanguages, promptTexts } from '@crosspoint/core';
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

/** Every recording by language and name; one's own before the shipped one of the same name. */
export async function listPrompts(
  dataDir: string,
  tenantId: string,
  wanted: PromptLanguage | undefined,
): Promise<Prompt[]> {
  const prompts: Prompt[] = [];
  for (const language of wanted === undefined ? promptLanguages : [wanted]) {
    const own = await recordingNames(join(ownPromptsDir(dataDir, tenantId), language));
    const shipped = await recordingNames(join(shippedDir, language));
    const texts = promptTexts(language);
    for (const name of [...new Set([...own, ...shipped])].toSorted()) {
      const origin = own.includes(name) ? 'own' : 'shipped';
      prompts.push({
        id: `${language}.${name}`,
        name,
        language,
        origin,
        text: origin === 'own' ? null : (texts[name] ?? null),
      });
    }
  }
  return prompts;
}

/** The file of a recording; undefined when there is none. */
export async function findPrompt(
  dataDir: string,
  tenantId: string,
  id: PromptId,
): Promise<{ path: string; origin: Prompt['origin'] } | undefined> {
  const [language = '', name = ''] = id.split('.');
  const places = [
    { dir: ownPromptsDir(dataDir, tenantId), origin: 'own' as const },
    { dir: shippedDir, origin: 'shipped' as const },
  ];
  for (const { dir, origin } of places) {
    const path = join(dir, language, `${name}.wav`);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return { path, origin };
  }
  return undefined;
}

/** The names of the WAV files of a folder; none when it is not there. */
export async function recordingNames(dir: string): Promise<string[]> {
  const files = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return files.flatMap((file) => (file.endsWith('.wav') ? [file.slice(0, -'.wav'.length)] : []));
}
