import type { ServiceFault } from '@crosspoint/contracts';
import { HttpProblem } from '../../http/index.ts';

/** What last kept the service of each tenant from its work, since the server started. */
export class LastFaults<Fault extends string> {
  readonly #byTenant = new Map<string, { fault: Fault; detail: string; at: string }>();

  note(tenantId: string, fault: Fault, detail: string, nowMs: number): void {
    // That a host is left alone says less than why.
    if (fault === 'paused' && this.#byTenant.has(tenantId)) return;
    this.#byTenant.set(tenantId, { fault, detail, at: new Date(nowMs).toISOString() });
  }

  of(tenantId: string): { fault: Fault; detail: string; at: string } | null {
    return this.#byTenant.get(tenantId) ?? null;
  }

  forget(tenantId: string): void {
    this.#byTenant.delete(tenantId);
  }
}

export const serviceRemedies: Readonly<Record<ServiceFault, string>> = {
  'key-refused': 'Check the key and what it is allowed to do.',
  'request-refused': 'Check model, voice and address.',
  limited: 'Wait, or raise the limit of the account.',
  unavailable: 'Try again later.',
  timeout: 'Try again later, or choose a nearer service or region.',
  'no-connection': 'Check the address, and whether this server reaches the internet.',
  'address-refused': 'Addresses inside the house are refused unless flows.lookupNetworks allows them.',
  paused: 'It failed several times just now; it is asked again in half a minute.',
};

/** A trial that failed. `detail` is what the service said about it. */
export function serviceRefusal(
  sentence: string,
  { path, fault, detail, remedy }: { path: string; fault: string; detail: string; remedy: string },
): HttpProblem {
  const error = { path, message: `${fault} ${detail}`.trim(), remedy };
  return new HttpProblem('validation-failed', `${sentence}: ${fault}.`, { errors: [error] });
}
