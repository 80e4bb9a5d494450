/**
 * One text that identifies something in a map. A template would make a chain of pieces, which a map walks through again for
 * each look-up, and whose pieces keep the messages alive that they were cut from.
 */
export function joinKey(...parts: ReadonlyArray<string | number>): string {
  return parts.join('\n');
}
