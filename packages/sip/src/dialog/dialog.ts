import type { Flow } from '../flow/index.ts';
import { joinKey } from '../join-key.ts';
import { parseAddress, SipRequest, type SipResponse } from '../message/index.ts';
import type { DialogId } from './replaces.ts';

/** What a dialog is made of, as plain data (RFC 3261 §12). */
export type DialogState = {
  callId: string;
  localTag: string;
  remoteTag: string;
  /** From value of our requests, with tag. */
  localAddress: string;
  /** To value of our requests, with tag when the peer has one. */
  remoteAddress: string;
  /** The peer's Contact URI. */
  remoteTarget: string;
  /** Route values, next hop first. */
  routeSet: string[];
  localSequence: number;
  remoteSequence: number | undefined;
  /** Where the peer was last heard. */
  flow: Flow;
};

/** Identifies a dialog at this host (RFC 3261 §12). */
export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return joinKey(callId, localTag, remoteTag);
}

/** A peer-to-peer relationship of two user agents (RFC 3261 §12). */
export class Dialog {
  readonly key: string;
  private readonly state: DialogState;

  constructor(state: DialogState) {
    this.state = state;
    this.key = dialogKey(state.callId, state.localTag, state.remoteTag);
  }

  /** The dialog that a UAS makes when it answers `request` with `localTag` (§12.1.1). */
  static ofServer(request: SipRequest, localTag: string, flow: Flow): Dialog {
    return new Dialog({
      callId: request.callId,
      localTag,
      remoteTag: request.fromTag ?? '',
      localAddress: `${request.header('To') ?? ''};tag=${localTag}`,
      remoteAddress: request.header('From') ?? '',
      remoteTarget: contactUri(request) ?? (request.from.uri === undefined ? request : request.from).uriText,
      routeSet: recordedRoutes(request),
      localSequence: 0,
      remoteSequence: request.sequence,
      flow,
    });
  }

  /** The dialog that a response with a To tag makes at the UAC (§12.1.2). */
  static ofClient(request: SipRequest, response: SipResponse, flow: Flow): Dialog {
    return new Dialog({
      callId: request.callId,
      localTag: request.fromTag ?? '',
      remoteTag: response.toTag ?? '',
      localAddress: request.header('From') ?? '',
      remoteAddress: response.header('To') ?? '',
      remoteTarget: contactUri(response) ?? request.uriText,
      routeSet: recordedRoutes(response).reverse(),
      localSequence: request.sequence,
      remoteSequence: undefined,
      flow,
    });
  }

  /** The dialog that the first NOTIFY makes at the subscriber (RFC 6665 §4.4.1); `sequence` is that of its last SUBSCRIBE. */
  static ofNotify(subscribe: SipRequest, sequence: number, notify: SipRequest, flow: Flow): Dialog {
    return new Dialog({
      callId: subscribe.callId,
      localTag: subscribe.fromTag ?? '',
      remoteTag: notify.fromTag ?? '',
      localAddress: subscribe.header('From') ?? '',
      remoteAddress: notify.header('From') ?? '',
      remoteTarget: contactUri(notify) ?? notify.from.uriText,
      routeSet: notify.headerValues('Record-Route'),
      localSequence: sequence,
      remoteSequence: notify.sequence,
      flow,
    });
  }

  get id(): DialogId {
    const { callId, localTag, remoteTag } = this.state;
    return { callId, localTag, remoteTag };
  }

  get flow(): Flow {
    return this.state.flow;
  }

  /** The peer's Contact URI, and the user that its address names. */
  get remote(): { target: string; user: string | undefined } {
    const { remoteTarget: target, remoteAddress } = this.state;
    return { target, user: parseAddress(remoteAddress)?.uri?.user };
  }

  set flow(flow: Flow) {
    this.state.flow = flow;
  }

  /** The first hop of our requests: the top route, else the remote target. */
  get nextHop(): string {
    const [first] = this.state.routeSet;
    return (first === undefined ? undefined : parseAddress(first)?.uriText) ?? this.state.remoteTarget;
  }

  /** A copy of everything, for a snapshot. */
  export(): DialogState {
    return { ...this.state, routeSet: [...this.state.routeSet] };
  }

  /**
   * Checks the order of a request of the peer and remembers where it came from (§12.2.2); false when its CSeq is not
   * above the last one.
   */
  receive(request: SipRequest, flow: Flow): boolean {
    const { remoteSequence } = this.state;
    if (remoteSequence !== undefined && request.sequence <= remoteSequence) return false;
    this.state.remoteSequence = request.sequence;
    this.state.flow = flow;
    return true;
  }

  /** A target refresh request or its 2xx may move the peer to another Contact (§12.2). */
  refreshTarget(message: SipRequest | SipResponse): void {
    const target = contactUri(message);
    if (target !== undefined) this.state.remoteTarget = target;
  }

  /** Takes the From of a request of the peer as its new identity (RFC 4916 §4.4); false when its URI is the known one. */
  refreshIdentity(request: SipRequest): boolean {
    if (parseAddress(this.state.remoteAddress)?.uriText === request.from.uriText) return false;
    this.state.remoteAddress = request.header('From') ?? this.state.remoteAddress;
    return true;
  }

  /** The route set becomes final with the 2xx, which may differ from the provisional responses (§13.2.2.4). */
  confirm(response: SipResponse): void {
    this.refreshTarget(response);
    this.state.routeSet = recordedRoutes(response).reverse();
    this.state.remoteAddress = response.header('To') ?? this.state.remoteAddress;
  }

  /** Draws the CSeq number of the next request. */
  nextSequence(): number {
    this.state.localSequence++;
    return this.state.localSequence;
  }

  /** A request within the dialog (§12.2.1.1); ACK gets the sequence of its INVITE. */
  createRequest(method: string, via: string, sequence: number): SipRequest {
    const { state } = this;
    const [first, ...others] = state.routeSet;
    const firstUri = first === undefined ? undefined : parseAddress(first);
    const isStrict =
      firstUri !== undefined && firstUri.uri !== undefined && !firstUri.uri.parameters.has('lr');
    // A strict router of RFC 2543 wants to see itself in the Request-URI and the target at the end of the route.
    const request = new SipRequest(method, isStrict ? firstUri.uriText : state.remoteTarget);
    request.push('Via', via);
    request.push('Max-Forwards', '70');
    request.push('From', state.localAddress);
    request.push('To', state.remoteAddress);
    request.push('Call-ID', state.callId);
    request.push('CSeq', `${sequence} ${method}`);
    for (const route of isStrict ? [...others, `<${state.remoteTarget}>`] : state.routeSet)
      request.push('Route', route);
    return request;
  }
}

/** The URI of the first Contact, when it is one that can be sent to. */
function contactUri(message: SipRequest | SipResponse): string | undefined {
  const [contact] = message.headerValues('Contact');
  const address = contact === undefined ? undefined : parseAddress(contact);
  return address?.uri === undefined ? undefined : address.uriText;
}

/** As many proxies as Max-Forwards lets a request pass (RFC 3261 §8.1.1.6). */
const routesMax = 70;

/** The Record-Route values that can be sent to. */
function recordedRoutes(message: SipRequest | SipResponse): string[] {
  return message.headerValues('Record-Route').filter(isRoute).slice(0, routesMax);
}

function isRoute(value: string): boolean {
  return parseAddress(value)?.uri !== undefined;
}

/**
 * What keeps a request from making a dialog (RFC 3261 §8.1.1.8, §12.1.1): requests of ours in it could not be sent. The
 * reason phrase of the 400, or undefined. A peer of RFC 2543 may leave out Contact; its From counts then.
 */
export function findDialogFault(request: SipRequest): string | undefined {
  const contact = request.header('Contact');
  if (contact === undefined ? request.from.uri === undefined : contactUri(request) === undefined)
    return 'Missing or Malformed Contact';
  const routes = request.headerValues('Record-Route');
  if (routes.length > routesMax) return 'Too Many Record-Route Values';
  return routes.every(isRoute) ? undefined : 'Malformed Record-Route';
}
