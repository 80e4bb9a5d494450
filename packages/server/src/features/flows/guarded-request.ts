import { lookup as resolveName } from 'node:dns';
import { type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { AllowedNetworks } from './private-addresses.ts';

/** The address lies inside the house, and nobody allowed it. */
export class AddressRefused extends Error {
  constructor() {
    super('address-refused');
  }
}

/**
 * Sends a request to another computer, never to an address that is not allowed. A name is checked where it is
 * resolved, and the connection goes to the very address that was checked. Redirects are not followed.
 *
 * @throws {AddressRefused}, or whatever the connection fails with.
 */
export function guardedRequest(
  allowed: AllowedNetworks,
  url: URL,
  { method, headers, body }: { method: string; headers: OutgoingHttpHeaders; body?: string | undefined },
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  if (isRefused(allowed, url)) {
    reject(new AddressRefused());
    return promise;
  }
  const open = url.protocol === 'https:' ? requestHttps : requestHttp;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options = { method, signal, agent: false, lookup: checkedLookup(allowed) };
  const outgoing = open(url, { ...options, headers: { ...headers, ...length } }, resolve);
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

/** Whether an address written as such is not allowed; a name is judged by `checkedLookup`. */
export function isRefused(allowed: AllowedNetworks, url: URL): boolean {
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(literal) !== 0 && !allowed.allows(literal);
}

/** Resolves a name to addresses that are allowed, and fails when there is none. */
export const checkedLookup =
  (allowed: AllowedNetworks): LookupFunction =>
  (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const fit = addresses.filter(({ address }) => allowed.allows(address));
      const [first] = fit;
      if (first === undefined) return callback(new AddressRefused(), []);
      if (options.all === true) callback(null, fit);
      else callback(null, first.address, first.family);
    });
  };
