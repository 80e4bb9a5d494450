import type { Flow } from '../flow/index.ts';

/** One contact of an address of record (RFC 3261 §10), as plain JSON data. */
export type Binding = {
  /** Canonical address of record, `sip:user@realm`. */
  aor: string;
  user: string;
  /** The Contact URI as the phone gave it: the Request-URI to call it. */
  contact: string;
  displayName?: string;
  /** Preference 0–1; higher is tried first. */
  q: number;
  callId: string;
  sequence: number;
  expiresAtMs: number;
  /** When the phone registered it last; missing in bindings stored by earlier releases. */
  refreshedAtMs?: number;
  /** Where the REGISTER came from: the flow on which to call the phone. */
  flow: Flow;
  userAgent?: string;
  /** RFC 5626 instance id and reg-id, when given. */
  instanceId?: string;
  registrationId?: number;
  /** Path values (RFC 3327) to be used as Route, first hop first. */
  path?: string[];
};

/** What made the bindings of an address of record change. */
export type RegistrationCause =
  | 'registered'
  | 'refreshed'
  | 'unregistered'
  | 'expired'
  | 'replaced'
  | 'flow-closed'
  | 'removed';

/** A change of the bindings of one address of record. */
export type RegistrationChange = {
  aor: string;
  user: string;
  cause: RegistrationCause;
  /** Those that are left, best first. */
  bindings: Binding[];
  /** Those that this change is about. */
  changed: Binding[];
};

/** Rules of the registrar (RFC 3261 §10.3), in seconds. */
export type RegistrarPolicy = {
  /** Given when the phone asks for none; 300. */
  expiresDefaultSeconds: number;
  /** Below it the answer is 423; 60. */
  expiresMinSeconds: number;
  /** Longer wishes are shortened to it; 3,600. */
  expiresMaxSeconds: number;
  /**
   * How often a phone on a stream connection with outbound (RFC 5626 §4.4) is asked to show that it is there; 120. Over UDP
   * phones choose themselves, and more often.
   */
  flowTimerSeconds?: number;
};

export type RegistrarOptions = {
  realm: string;
  policy: RegistrarPolicy;
  /** Most contacts of one address of record; beyond it those refreshed longest ago give way. */
  bindingsPerAorMax: number;
  /** Most addresses of record. */
  aorsMax: number;
  onChange: (change: RegistrationChange) => void;
};

/** The answer to a REGISTER: status, and headers to add. */
export type RegisterAnswer = { status: number; reason?: string; headers: Array<[string, string]> };
