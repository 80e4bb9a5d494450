import { flowKey, isReliable, type Flow } from '../flow/index.ts';
import { parseUri, quote, writeUri, type SipRequest } from '../message/index.ts';
import type { Timer, TimerQueue } from '../timers/index.ts';
import { flowNumber, isSameContact, readContacts, type RequestedContact } from './contacts.ts';
import { readOutbound } from './outbound.ts';
import type { Binding, RegisterAnswer, RegistrarOptions, RegistrationCause } from './types.ts';

/** A binding with its expiry timer; the owner of that timer. */
class LiveBinding {
  readonly binding: Binding;
  timer: Timer | undefined;
  private readonly onExpired: (live: LiveBinding) => void;

  constructor(binding: Binding, onExpired: (live: LiveBinding) => void) {
    this.binding = binding;
    this.onExpired = onExpired;
  }

  onTimer(): void {
    this.timer = undefined;
    this.onExpired(this);
  }
}

/** Bindings of addresses of record to contacts (RFC 3261 §10.3). Authentication and policy come before it. */
export class Registrar {
  private readonly options: RegistrarOptions;
  private readonly timers: TimerQueue;
  private readonly aors = new Map<string, LiveBinding[]>();
  private count = 0;

  constructor(options: RegistrarOptions, timers: TimerQueue) {
    this.options = options;
    this.timers = timers;
  }

  /** How many bindings are alive. */
  get size(): number {
    return this.count;
  }

  /** The canonical address of record of a user. */
  addressOfRecord(user: string): string {
    const { realm } = this.options;
    return writeUri({
      scheme: 'sip',
      user,
      password: undefined,
      host: realm,
      port: undefined,
      parameters: new Map(),
      headers: undefined,
    });
  }

  /** Live bindings of an address of record or user, best first. */
  bindings(aorOrUser: string): Binding[] {
    const aor = this.aors.has(aorOrUser) ? aorOrUser : this.addressOfRecord(aorOrUser);
    return this.sorted(aor);
  }

  export(): Binding[] {
    return [...this.aors.values()].flatMap((list) => list.map((live) => live.binding));
  }

  /**
   * Takes stored bindings back; returns how many of them are still alive, reachable and within the limits. Connections
   * have not survived: a phone on one is taken back only if it listens at its Contact.
   */
  import(bindings: readonly Binding[], nowMs: number): number {
    let taken = 0;
    for (const stored of bindings) {
      const flow = isReliable(stored.flow.protocol) ? listeningFlow(stored) : stored.flow;
      if (flow === undefined) continue;
      const binding = { ...stored, flow };
      const list = this.aors.get(binding.aor) ?? [];
      const isFull = list.length >= this.options.bindingsPerAorMax;
      const isNewAor = !this.aors.has(binding.aor);
      if (binding.expiresAtMs <= nowMs || isFull || (isNewAor && this.aors.size >= this.options.aorsMax))
        continue;
      this.add(binding);
      taken++;
    }
    return taken;
  }

  /** Forgets all bindings of an address of record or user. */
  remove(aorOrUser: string): void {
    const aor = this.aors.has(aorOrUser) ? aorOrUser : this.addressOfRecord(aorOrUser);
    this.drop([...(this.aors.get(aor) ?? [])], 'removed');
  }

  /**
   * Forgets the bindings whose connection is gone, unless the phone listens at its Contact itself: then a new connection
   * will be opened there.
   */
  flowClosed(flow: Flow): void {
    if (flow.connectionId === undefined) return;
    for (const list of [...this.aors.values()]) {
      const lost: LiveBinding[] = [];
      for (const live of list) {
        const { binding } = live;
        if (binding.flow.connectionId !== flow.connectionId || binding.flow.protocol !== flow.protocol)
          continue;
        const listening = listeningFlow(binding);
        if (listening === undefined) lost.push(live);
        else binding.flow = listening;
      }
      this.drop(lost, 'flow-closed');
    }
  }

  /** Processes a REGISTER for a user of ours. */
  register(request: SipRequest, user: string, flow: Flow, nowMs: number): RegisterAnswer {
    const aor = this.addressOfRecord(user);
    const wanted = readContacts(request);
    if (wanted.kind === 'malformed') return { status: 400, reason: wanted.reason, headers: [] };
    const existing = this.aors.get(aor) ?? [];
    const outbound = wanted.kind === 'update' ? readOutbound(request, wanted.contacts) : 'none';
    if (wanted.kind === 'remove-all') {
      if (existing.some((live) => isOutOfOrder(live.binding, request))) return outOfOrder;
      this.drop([...existing], 'unregistered');
    } else if (wanted.kind === 'update') {
      if (outbound === 'first-hop')
        return { status: 439, reason: 'First Hop Lacks Outbound Support', headers: [] };
      if (outbound === 'too-many') return { status: 400, reason: 'One Flow Per Request', headers: [] };
      const refusal = this.update(request, aor, user, wanted.contacts, flow, nowMs);
      if (refusal !== undefined) return refusal;
    }
    const headers: Array<[string, string]> = this.sorted(aor).map((binding) => [
      'Contact',
      writeBinding(binding, nowMs),
    ]);
    for (const path of request.headerLines('Path')) headers.push(['Path', path]);
    if (outbound === 'agreed') {
      const { flowTimerSeconds = 120 } = this.options.policy;
      headers.push(['Require', 'outbound']);
      if (isReliable(flow.protocol)) headers.push(['Flow-Timer', String(flowTimerSeconds)]);
    }
    return { status: 200, headers };
  }

  /** All contacts or none (§10.3 step 7); the refusal, or undefined. */
  private update(
    request: SipRequest,
    aor: string,
    user: string,
    contacts: RequestedContact[],
    flow: Flow,
    nowMs: number,
  ): RegisterAnswer | undefined {
    const { policy, bindingsPerAorMax, aorsMax } = this.options;
    const existing = this.aors.get(aor) ?? [];
    const replaced: LiveBinding[] = [];
    const removed: LiveBinding[] = [];
    const added: Binding[] = [];
    const pathOf = (known: Flow, proxies: readonly string[] | undefined): string =>
      [flowKey(known), ...(proxies ?? [])].join(' ');
    const path = pathOf(flow, request.headerValues('Path'));
    for (const contact of contacts) {
      const seconds = contact.expiresSeconds ?? policy.expiresDefaultSeconds;
      if (seconds > 0 && seconds < policy.expiresMinSeconds) {
        return { status: 423, headers: [['Min-Expires', String(policy.expiresMinSeconds)]] };
      }
      const old = existing.find(({ binding }) =>
        isSameContact(
          binding,
          parseUri(binding.contact),
          contact,
          pathOf(binding.flow, binding.path) === path,
        ),
      );
      if (old !== undefined && isOutOfOrder(old.binding, request)) return outOfOrder;
      if (old !== undefined) (seconds === 0 ? removed : replaced).push(old);
      if (seconds === 0) continue;
      const expiresAtMs = nowMs + Math.min(seconds, policy.expiresMaxSeconds) * 1000;
      added.push({ ...createBinding(request, aor, user, contact, flow, expiresAtMs), refreshedAtMs: nowMs });
    }
    if (added.length > bindingsPerAorMax) return { status: 403, reason: 'Too Many Contacts', headers: [] };
    if (added.length > 0 && existing.length === 0 && this.aors.size >= aorsMax) {
      return { status: 503, headers: [['Retry-After', '60']] };
    }
    const isNew = added.length > new Set(replaced).size;
    for (const live of replaced) this.take(live);
    this.drop(removed, 'unregistered');
    this.drop(this.stalest(aor, added.length), 'replaced');
    for (const binding of added) this.add(binding);
    if (added.length > 0) this.report(aor, user, isNew ? 'registered' : 'refreshed', added);
    return undefined;
  }

  /**
   * The bindings refreshed longest ago that must give way to `addedCount` new ones. A phone that restarts often comes
   * back with another port each time and never removes what it had: refusing it would lock its agent out.
   */
  private stalest(aor: string, addedCount: number): LiveBinding[] {
    const existing = this.aors.get(aor) ?? [];
    const excess = existing.length + addedCount - this.options.bindingsPerAorMax;
    if (excess <= 0) return [];
    return existing.toSorted((a, b) => refreshedAt(a.binding) - refreshedAt(b.binding)).slice(0, excess);
  }

  private add(binding: Binding): void {
    const live = new LiveBinding(binding, (expired) => this.drop([expired], 'expired'));
    live.timer = this.timers.set(live, 'expiry', binding.expiresAtMs);
    const list = this.aors.get(binding.aor);
    if (list === undefined) this.aors.set(binding.aor, [live]);
    else list.push(live);
    this.count++;
  }

  /** Removes a binding without a report; false when it was gone already. */
  private take(live: LiveBinding): boolean {
    const list = this.aors.get(live.binding.aor);
    const index = list === undefined ? -1 : list.indexOf(live);
    if (list === undefined || index < 0) return false;
    list.splice(index, 1);
    if (list.length === 0) this.aors.delete(live.binding.aor);
    live.timer = this.timers.cancel(live.timer);
    this.count--;
    return true;
  }

  /** Removes bindings of one address of record and reports it. */
  private drop(lives: LiveBinding[], cause: RegistrationCause): void {
    const gone = lives.filter((live) => this.take(live)).map((live) => live.binding);
    const [first] = gone;
    if (first !== undefined) this.report(first.aor, first.user, cause, gone);
  }

  private report(aor: string, user: string, cause: RegistrationCause, changed: Binding[]): void {
    this.options.onChange({ aor, user, cause, bindings: this.sorted(aor), changed });
  }

  private sorted(aor: string): Binding[] {
    const list = (this.aors.get(aor) ?? []).map((live) => live.binding);
    if (list.length < 2) return list;
    return list.sort((a, b) => b.q - a.q || refreshedAt(b) - refreshedAt(a) || b.expiresAtMs - a.expiresAtMs);
  }
}

const outOfOrder: RegisterAnswer = { status: 500, reason: 'CSeq Out of Order', headers: [] };

function refreshedAt(binding: Binding): number {
  return binding.refreshedAtMs ?? 0;
}

/** §10.3 step 7: within one Call-ID the CSeq must rise. */
function isOutOfOrder(binding: Binding, request: SipRequest): boolean {
  return binding.callId === request.callId && request.sequence <= binding.sequence;
}

/** Where a phone on TCP or TLS listens, if its Contact is the address that we saw; undefined behind NAT. */
function listeningFlow(binding: Binding): Flow | undefined {
  const { connectionId: _gone, ...flow } = binding.flow;
  const uri = parseUri(binding.contact);
  if (
    (flow.protocol !== 'tcp' && flow.protocol !== 'tls') ||
    uri?.host !== flow.remoteAddress.toLowerCase()
  ) {
    return undefined;
  }
  return { ...flow, remotePort: uri.port ?? (flow.protocol === 'tls' ? 5061 : 5060) };
}

function createBinding(
  request: SipRequest,
  aor: string,
  user: string,
  contact: RequestedContact,
  flow: Flow,
  expiresAtMs: number,
): Binding {
  const { address } = contact;
  const binding: Binding = {
    aor,
    user,
    contact: address.uriText,
    q: contact.q,
    callId: request.callId,
    sequence: request.sequence,
    expiresAtMs,
    flow,
  };
  const userAgent = request.header('User-Agent');
  const instanceId = address.parameters.get('+sip.instance');
  const registrationId = flowNumber(contact);
  const path = request.headerValues('Path');
  if (address.displayName !== undefined) binding.displayName = address.displayName;
  if (userAgent !== undefined) binding.userAgent = userAgent;
  if (instanceId !== undefined) binding.instanceId = instanceId;
  if (registrationId !== undefined) binding.registrationId = registrationId;
  if (path.length > 0) binding.path = path;
  return binding;
}

function writeBinding(binding: Binding, nowMs: number): string {
  const expires = Math.max(1, Math.ceil((binding.expiresAtMs - nowMs) / 1000));
  const q = binding.q === 1 ? '' : `;q=${binding.q}`;
  const instance = binding.instanceId === undefined ? '' : `;+sip.instance=${quote(binding.instanceId)}`;
  const registration = binding.registrationId === undefined ? '' : `;reg-id=${binding.registrationId}`;
  return `<${binding.contact}>${q}${instance}${registration};expires=${expires}`;
}
