import type { Flow } from '../flow/index.ts';
import { parseAddress, parseUri, type SipResponse } from '../message/index.ts';
import type { UserAgentContext } from './context.ts';

/** How many targets of 3xx responses one call tries, over all of its redirections. */
const targetsMax = 5;

/** Where an INVITE goes next. */
export type RedirectTarget = { uriText: string; flow: Flow; contact: string };

/** The targets that 3xx responses have named for one call (RFC 3261 §8.1.3.4): each is tried once, best q first. */
export class Redirection {
  private readonly context: UserAgentContext;
  private readonly contactUser: string | undefined;
  private readonly known: Set<string>;
  private open: string[] = [];
  private tried = 0;

  constructor(context: UserAgentContext, uriText: string, contactUser: string | undefined) {
    this.context = context;
    this.contactUser = contactUser;
    this.known = new Set([uriText]);
  }

  /** Remembers the Contacts of a 3xx; those that are known already would make a loop. */
  learn(response: SipResponse): void {
    if (response.status < 300 || response.status > 399) return;
    const found: Array<{ uriText: string; q: number }> = [];
    for (const value of response.headerValues('Contact').slice(0, targetsMax)) {
      const address = parseAddress(value);
      if (address?.uri === undefined || address.uri.headers !== undefined) continue;
      if (this.known.has(address.uriText)) continue;
      this.known.add(address.uriText);
      const q = Number(address.parameters.get('q') ?? 1);
      found.push({ uriText: address.uriText, q: Number.isNaN(q) ? 1 : q });
    }
    found.sort((a, b) => b.q - a.q);
    // What the last one who was asked says comes before what is left of earlier answers.
    this.open = [...found.map(({ uriText }) => uriText), ...this.open];
  }

  /** The next target, when there is one that the consumer knows a way to. */
  next(flow: Flow): RedirectTarget | undefined {
    const { redirect } = this.context.options;
    while (redirect !== undefined && this.tried < targetsMax) {
      const uriText = this.open.shift();
      const uri = uriText === undefined ? undefined : parseUri(uriText);
      if (uriText === undefined || uri === undefined) return undefined;
      this.tried++;
      const way = redirect(uri, flow);
      if (way !== undefined)
        return { uriText, flow: way, contact: this.context.createContact(way, this.contactUser) };
    }
    return undefined;
  }
}
