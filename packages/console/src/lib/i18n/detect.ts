/** Languages of the console, in the order of the language menu. */
export const languages = ['en', 'es', 'cs'] as const;
export type Language = (typeof languages)[number];

/** True when the console speaks this language. */
export function isLanguage(value: unknown): value is Language {
  return languages.some((language) => language === value);
}

/**
 * The language to start with: what was chosen on this device, else the first language of the browser that the
 * console speaks, else English.
 */
export function detectLanguage(chosen: string | null, preferred: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen;
  for (const tag of preferred) {
    const primary = tag.toLowerCase().split('-')[0];
    if (isLanguage(primary)) return primary;
  }
  return 'en';
}
