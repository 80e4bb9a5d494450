/** The numbers of a file or a pasted list: the first column of each line, without what is no number (a line of titles). */
export function numbersIn(text: string): string[] {
  const numbers = text
    .split(/\r?\n/)
    .map((line) => (line.split(/[,;\t]/)[0] ?? '').replace(/["'\uFEFF]/g, '').trim())
    .filter((cell) => /[0-9]/.test(cell));
  return [...new Set(numbers)];
}
