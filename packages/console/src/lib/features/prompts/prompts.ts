import { type Prompt, PromptLanguage } from '@crosspoint/contracts';

/** What callers hear under one name, in each language that has it. */
export interface NamedPrompt {
  id: string;
  name: string;
  sounds: Partial<Record<PromptLanguage, Prompt>>;
  usedBy: Prompt['usedBy'];
}

/** The sounds of a list by their names, in its order. */
export function byName(prompts: readonly Prompt[]): NamedPrompt[] {
  const named = new Map<string, NamedPrompt>();
  for (const prompt of prompts) {
    const { name, language, usedBy } = prompt;
    const one = named.get(name) ?? { id: name, name, sounds: {}, usedBy: [] };
    one.sounds[language] = prompt;
    const isNew = (user: Prompt['usedBy'][number]): boolean =>
      one.usedBy.every(({ kind, name: known }) => kind !== user.kind || known !== user.name);
    one.usedBy.push(...usedBy.filter(isNew));
    named.set(name, one);
  }
  return [...named.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export const isOwn = ({ sounds }: NamedPrompt): boolean =>
  PromptLanguage.options.some((language) => sounds[language]?.origin === 'own');

/** The words of a prompt, in the first language that has any. */
export const wordsOf = ({ sounds }: NamedPrompt, first: PromptLanguage): string | null =>
  [first, ...PromptLanguage.options].map((language) => sounds[language]?.text).find((text) => text != null) ??
  null;
