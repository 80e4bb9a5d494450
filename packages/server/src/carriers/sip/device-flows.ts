import { type Binding, type Flow, flowKey } from '@crosspoint/sip';

/**
 * The paths of registered devices: a call that comes on one is that of a device which has proved who it is, so that it may
 * be asked again without telling a stranger which accounts exist.
 */
export class DeviceFlows {
  readonly #users = new Map<string, string>();
  readonly #byUser = new Map<string, string[]>();

  /** Replaces the paths of that user's devices. */
  update(user: string, bindings: readonly Binding[]): void {
    for (const key of this.#byUser.get(user) ?? []) {
      if (this.#users.get(key) === user) this.#users.delete(key);
    }
    const keys = bindings.map(({ flow }) => flowKey(flow));
    if (keys.length === 0) this.#byUser.delete(user);
    else this.#byUser.set(user, keys);
    for (const key of keys) this.#users.set(key, user);
  }

  has(flow: Flow): boolean {
    return this.#users.has(flowKey(flow));
  }
}
