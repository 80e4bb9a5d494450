import type { ContactFact, ContactId } from '@crosspoint/contracts';
import type { Carrier } from '../../carriers/door.ts';

/**
 * Transfers that devices asked for and that are under way: a contact's facts tell how they went, and the device hears it. It is
 * told of a success when whoever was called has answered, or when a queue or a flow has taken the customer.
 */
export class DeviceTransfers {
  readonly #open = new Map<ContactId, string>();
  readonly #carrier: Pick<Carrier, 'endTransfer'>;

  constructor(carrier: Pick<Carrier, 'endTransfer'>) {
    this.#carrier = carrier;
  }

  begin(contactId: ContactId, transferId: string): void {
    this.#open.set(contactId, transferId);
  }

  fact(contactId: ContactId, fact: ContactFact): void {
    if (this.#open.size === 0) return;
    const transferId = this.#open.get(contactId);
    const code = transferId === undefined ? undefined : outcomeOf(fact);
    if (transferId !== undefined && code !== undefined) this.end(contactId, transferId, code);
  }

  /** The transfer ended with this SIP status. */
  end(contactId: ContactId, transferId: string, code: number): void {
    if (this.#open.get(contactId) === transferId) this.#open.delete(contactId);
    this.#carrier.endTransfer(transferId, code);
  }
}

/** What a fact says about the transfer that is under way, as a SIP status; undefined when nothing. */
function outcomeOf({ type, data }: ContactFact): number | undefined {
  switch (type) {
    case 'segment.started':
    case 'queue.entered':
    case 'flow.started':
      return 200;
    case 'transfer.failed':
      return statusOf(data.reason);
    case 'contact.ended':
    case 'contact.closed':
      return 487;
    default:
      return undefined;
  }
}

/** The status in a reason such as `sip-486`, or the nearest to what went wrong in the house. */
function statusOf(reason: string): number {
  const code = Number(/^sip-(\d{3})$/.exec(reason)?.[1]);
  if (code >= 300 && code <= 699) return code;
  if (reason === 'queue-full') return 486;
  return reason === 'no-answer' ? 408 : 480;
}
