type Cell = string | number | null;

/**
 * A table as text (RFC 4180): comma, CRLF, quotes where they are needed, and a mark in front by which spreadsheets know UTF-8. Text
 * that a spreadsheet would run as a formula is made harmless by an apostrophe.
 */
export function csvOf(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `\uFEFF${[head, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('')}`;
}

function cellOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
