/** A page that is covered or in the background paints nothing; what waits for a frame is done by then all the same. */
const noFrameMs = 100;

/** Does it once the next frame is on the screen: for what would only delay that frame. */
export function afterFrame(act: () => void): void {
  let isDone = false;
  const once = (): void => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    act();
  };
  const timer = setTimeout(once, noFrameMs);
  // The frame is painted after its own callbacks; a task that they set is run when that is done.
  requestAnimationFrame(() => setTimeout(once, 0));
}
