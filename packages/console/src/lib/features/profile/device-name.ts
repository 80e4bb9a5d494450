/** The most particular name first: Edge calls itself Chrome and Safari too. */
const browsers: readonly [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: readonly [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux|X11/, 'Linux'],
];
const programLengthMax = 40;

const firstOf = (names: readonly [RegExp, string][], text: string): string | undefined =>
  names.find(([pattern]) => pattern.test(text))?.[1];

/** What a person calls the device of a User-Agent: `Firefox, Windows`. A program keeps its own name; null without any. */
export function deviceName(userAgent: string | null): string | null {
  const text = userAgent?.trim() ?? '';
  if (text === '') return null;
  const browser = firstOf(browsers, text);
  const system = firstOf(systems, text);
  if (browser === undefined) return text.slice(0, programLengthMax);
  return system === undefined ? browser : `${browser}, ${system}`;
}
