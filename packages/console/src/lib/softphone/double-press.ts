/** So long after a press, and so near to it, another one is the second half of a double click. */
const withinMs = 500;
const withinPx = 12;

/** What is used of a `MouseEvent`; `detail` is zero when a key pressed the button. */
export interface Press {
  readonly timeStamp: number;
  readonly clientX: number;
  readonly clientY: number;
  readonly detail: number;
}

let answered: Press | null = null;

/** A call was answered by this press. */
export function noteAnswer(press: Press): void {
  answered = press.detail > 0 ? press : null;
}

/**
 * Whether a press belongs to the one that answered a call. Once the call is there, the buttons that hold it or hang it up stand where
 * "Answer" stood, and who clicks twice would lose the customer.
 */
export function isEcho({ timeStamp, clientX, clientY, detail }: Press): boolean {
  if (answered === null || detail === 0 || timeStamp === answered.timeStamp) return false;
  const near =
    Math.abs(clientX - answered.clientX) <= withinPx && Math.abs(clientY - answered.clientY) <= withinPx;
  return near && timeStamp - answered.timeStamp <= withinMs;
}
