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
  /** Where the REGISTER came from: the flow on which to call the phone. */
  flow: Flow;
  userAgent?: string;
  /** RFC 5626 instance id and reg-id, when given. */
  instanceId?: string;
  registrationId?: number;
  /** Path values (RFC 3327) to be used as Route, first hop first. */
  path?: string[];
};
