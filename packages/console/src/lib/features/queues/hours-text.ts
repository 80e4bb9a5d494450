import type { TimeRange } from '@crosspoint/contracts';

/** Opening ranges as a person writes them: `08:00-12:00, 13:00-17:00`. What cannot be read is kept as it stands and refused by the schema. */
export function rangesText(ranges: readonly TimeRange[]): string {
  return ranges.map(({ from, to }) => (to === '' ? from : `${from}-${to}`)).join(', ');
}

export function parseRanges(text: string): TimeRange[] {
  return text
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [from = '', to = ''] = part.split(/\s*[-–]\s*/, 2);
      return { from: padded(from), to: padded(to) };
    });
}

/** `8` and `8:30` are meant as `08:00` and `08:30`. */
function padded(time: string): string {
  const found = /^(\d{1,2})(?::(\d{2}))?$/.exec(time);
  return found === null ? time : `${found[1]?.padStart(2, '0')}:${found[2] ?? '00'}`;
}
