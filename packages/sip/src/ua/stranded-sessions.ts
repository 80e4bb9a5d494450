import type { Dialog } from '../dialog/index.ts';
import { type Flow, flowKey, isReliable } from '../flow/index.ts';
import type { Binding } from '../registrar/index.ts';

/** Peers that come on a connection, hang it up and never return must not fill the memory. */
const owingMax = 2_000;

/** A session whose connection is gone. */
export interface StrandedSession {
  readonly dialog: Dialog;
  /** Goes on over that path; `isCertain`: it leads to the same device beyond doubt. */
  comeBack(flow: Flow, isCertain: boolean, nowMs: number): void;
}

/**
 * Calls whose stream connection is gone, with the process that had it or for any other reason. A phone behind TLS or NAT cannot be
 * connected to: it opens a connection anew and registers over it (RFC 5626 §4.5), and its calls follow it there.
 */
export class StrandedSessions {
  private readonly sessions = new Set<StrandedSession>();
  /** Those of them that are over and only wait to tell their peer. */
  private readonly owing = new Set<StrandedSession>();

  has(session: StrandedSession): boolean {
    return this.sessions.has(session);
  }

  /** The connection of this session is gone; nothing is done for a session that has none. */
  add(session: StrandedSession): void {
    const { flow } = session.dialog;
    if (isReliable(flow.protocol) && flow.connectionId === undefined) this.sessions.add(session);
  }

  /** The session is over and its peer could not be told; false when too many wait for that already. */
  owe(session: StrandedSession): boolean {
    if (!this.sessions.has(session) || this.owing.size >= owingMax) return false;
    this.owing.add(session);
    return true;
  }

  delete(session: StrandedSession): void {
    this.sessions.delete(session);
    this.owing.delete(session);
  }

  /** A device has registered over that path, all bindings of its user being these: its calls go on there. */
  registered(bindings: readonly Binding[], flow: Flow, nowMs: number): void {
    if (this.sessions.size === 0 || flow.connectionId === undefined) return;
    const key = flowKey(flow);
    for (const binding of bindings) {
      if (flowKey(binding.flow) !== key) continue;
      for (const session of [...this.sessions]) {
        const match = matchOf(session.dialog, binding, bindings);
        if (match !== 'none') session.comeBack(flow, match === 'certain', nowMs);
      }
    }
  }
}

/** Whether the peer of that dialog is the device of that binding. */
function matchOf(
  dialog: Dialog,
  binding: Binding,
  others: readonly Binding[],
): 'certain' | 'probable' | 'none' {
  const { target, user } = dialog.remote;
  if (user !== binding.user) return 'none';
  if (target === binding.contact) return 'certain';
  // Many phones name the port of their connection in Contact, which is another one each time.
  const { protocol, remoteAddress } = dialog.flow;
  const isNamed = protocol === 'tcp' || protocol === 'tls';
  const isSamePlace = binding.flow.protocol === protocol && binding.flow.remoteAddress === remoteAddress;
  const isAnothers = others.some(({ contact }) => contact === target);
  return isNamed && isSamePlace && !isAnothers ? 'probable' : 'none';
}
