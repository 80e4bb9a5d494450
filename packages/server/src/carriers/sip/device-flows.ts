import { type Binding, type Flow, flowKey } from '@crosspoint/sip';

/**
 * The paths of registered devices: a call that comes on one is that of a device which has proved who it is, so that it may
 * be asked again without telling a stranger which accounts exist.
 */
export class DeviceFlows {
  /** How many devices are behind each path: those that a proxy serves share one. */
  readonly #devices = new Map<string, number>();
  readonly #byUser = new Map<string, Flow[]>();

  /** Replaces the paths of that user's devices. */
  update(user: string, bindings: readonly Binding[]): void {
    for (const flow of this.#byUser.get(user) ?? []) this.#count(flow, -1);
    const flows = bindings.map(({ flow }) => flow);
    if (flows.length === 0) this.#byUser.delete(user);
    else this.#byUser.set(user, flows);
    for (const flow of flows) this.#count(flow, 1);
  }

  has(flow: Flow): boolean {
    return this.#devices.has(flowKey(flow));
  }

  /**
   * Whether a device of that user is registered from the same address, on whatever path: a telephone sends a long INVITE over
   * TCP although it has registered over UDP (RFC 3261 §18.1.1), and opens another connection when one is lost.
   */
  isNear(user: string, { remoteAddress }: Flow): boolean {
    return this.#byUser.get(user)?.some((flow) => flow.remoteAddress === remoteAddress) ?? false;
  }

  #count(flow: Flow, by: 1 | -1): void {
    const key = flowKey(flow);
    const count = (this.#devices.get(key) ?? 0) + by;
    if (count > 0) this.#devices.set(key, count);
    else this.#devices.delete(key);
  }
}
