/**
 * Does something that has to see what was there when it was asked for, never twice at the same time: whoever asks while it is being done
 * waits for the next time, which all of them share. Two at once could end in the other order, and the older of two readings would stay.
 *
 * @returns asks for it; resolves, or fails, with a time that began after asking.
 */
export function inTurn(work: () => Promise<void>): () => Promise<void> {
  let present: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    next = undefined;
    present = work().finally(() => (present = undefined));
    return present;
  };
  return () => {
    if (next === undefined && present === undefined) return begin();
    next ??= (present as Promise<void>).then(begin, begin);
    return next;
  };
}
