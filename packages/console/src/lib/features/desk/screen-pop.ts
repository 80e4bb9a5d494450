import type { SCREEN_POP_FIELDS } from '@crosspoint/contracts';

export type ScreenPopValues = Record<(typeof SCREEN_POP_FIELDS)[number], string>;

/** The address of a queue's screen-pop link with a contact's values in it, each escaped. */
export function screenPopAddress(template: string, values: ScreenPopValues): string {
  const known: Readonly<Record<string, string>> = values;
  return template.replace(/\{([^{}]*)\}/g, (_whole, name: string) => encodeURIComponent(known[name] ?? ''));
}
