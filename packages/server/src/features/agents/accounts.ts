import { computeHa1 } from '@crosspoint/sip';

/** The realm of digest authentication, the same for every tenant and device. */
export const SIP_REALM = 'crosspoint';

/** What is stored of a SIP password: the hashes that digest authentication needs (RFC 7616 §3.4.2). */
export interface SipCredentials {
  username: string;
  ha1Md5: string;
  ha1Sha256: string;
}

export function sipCredentials(username: string, password: string): SipCredentials {
  return {
    username,
    ha1Md5: computeHa1(username, SIP_REALM, password, 'MD5'),
    ha1Sha256: computeHa1(username, SIP_REALM, password, 'SHA-256'),
  };
}
