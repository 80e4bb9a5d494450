const key = 'crosspoint.phone.window';

/**
 * The name of this window, the same after a reload. A window that was duplicated brings the name of its origin along, which is
 * still in use there: it gets a new one.
 */
export async function ownWindowId(): Promise<string> {
  const kept = sessionStorage.getItem(key);
  if (kept !== null && (await lock(kept))) return kept;
  const drawn = crypto.randomUUID();
  await lock(drawn);
  sessionStorage.setItem(key, drawn);
  return drawn;
}

/** True when no other window holds that name; it is held until this window goes. */
function lock(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    navigator.locks
      .request(`${key}.${name}`, { ifAvailable: true }, (held) => {
        resolve(held !== null);
        return held === null ? undefined : new Promise<never>(() => undefined);
      })
      .catch(() => resolve(false));
  });
}
