/** A telephone number in a URI (RFC 3966), without visual separators. */
export type PhoneNumber = {
  /** `+420555000111`, or the digits of a number that is valid in some context only. */
  number: string;
  /** It begins with `+` and means the same everywhere. */
  isGlobal: boolean;
  /**
   * Where a number that is not global is valid: a domain, or the leading digits of global numbers. Putting these before
   * the number does not make a global one (RFC 3966 §5.1.5).
   */
  context?: string;
  extension?: string;
};

/** Somebody who takes part in a call, as a header names him. */
export type Party = {
  /** The number or, when the URI has none, the user part; undefined when the URI hides it. */
  user: string | undefined;
  /** Undefined when the user part is a name. */
  phone: PhoneNumber | undefined;
  displayName: string | undefined;
  uri: string;
};

/** Where an identity was taken from. */
export type IdentitySource = 'P-Asserted-Identity' | 'Remote-Party-ID' | 'P-Preferred-Identity' | 'From';

/** Why a call was diverted (RFC 5806 §5). */
export type DiversionReason =
  | 'unknown'
  | 'user-busy'
  | 'no-answer'
  | 'unavailable'
  | 'unconditional'
  | 'time-of-day'
  | 'do-not-disturb'
  | 'deflection'
  | 'follow-me'
  | 'out-of-service'
  | 'away';

/** One diversion of a call. */
export type Diversion = {
  /** Who was called and diverted the call. */
  party: Party;
  reason: DiversionReason;
  /** How many diversions this entry stands for; at least 1. */
  count: number;
  /** Who diverted does not want to be named to the callee. */
  isPrivate: boolean;
};

/** Who calls, as far as a request tells. */
export type CallerIdentity = {
  caller: Party;
  source: IdentitySource;
  /** The identity comes from a peer that is trusted to have verified it. */
  isVerified: boolean;
  /** The caller does not want to be shown: `caller` is for the network's own use (RFC 3323, RFC 3325 §7). */
  isPrivate: boolean;
  /** The values of Privacy, in lower case. */
  privacy: string[];
  /** What From says, which the caller may choose. */
  from: Party;
  /** Who was dialled first, when the call was diverted. */
  originallyCalled: Party | undefined;
  /** The diversions, the last one first. */
  diversions: Diversion[];
};
