/** A list as it is typed: separated by commas, semicolons, spaces or lines. */
export function parseWordList(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ''))];
}

/** The same for texts that hold spaces: one in each line. */
export function parseLines(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '');
}
