import { computeHa1, type Refusal, type SipEvent, type SipRequest } from '@crosspoint/sip';
import type { SipShell } from './shell.ts';
import { openTestShell } from './shell-testing.ts';

/** A provider for tests: a registrar with one account, and whatever calls come to it. */
export interface TestProvider {
  shell: SipShell;
  port: number;
  events: SipEvent[];
  /** Requests that it was asked to admit, REGISTER and OPTIONS among them. */
  requests: SipRequest[];
  /** Resolves with the next event of that type, one that came already included. */
  next<Type extends SipEvent['type']>(type: Type): Promise<Extract<SipEvent, { type: Type }>>;
  close(): Promise<void>;
}

export interface TestProviderOptions {
  username?: string;
  password?: string;
  port?: number;
  /** What it says to requests instead of taking them. */
  refuse?: (request: SipRequest) => Refusal | undefined;
  /** Whether calls need digest authentication too. */
  challengesCalls?: boolean;
}

const waitTimeoutMs = 8_000;

export async function openProvider(options: TestProviderOptions = {}): Promise<TestProvider> {
  const { username = 'acme', password = 'trunk-secret', port = 0 } = options;
  const events: SipEvent[] = [];
  const requests: SipRequest[] = [];
  const waiting: { type: SipEvent['type']; resolve: (event: SipEvent) => void }[] = [];
  const shell = await openTestShell({
    name: 'provider',
    port,
    stack: {
      credentials: (user, realm, algorithm) =>
        user === username ? computeHa1(user, realm, password, algorithm) : undefined,
      requireAuthentication: ({ method }) =>
        method === 'REGISTER' || (method === 'INVITE' && options.challengesCalls === true),
      admit: (request) => {
        requests.push(request);
        return options.refuse?.(request);
      },
    },
    onEvent: (event) => {
      const index = waiting.findIndex(({ type }) => type === event.type);
      if (index === -1) events.push(event);
      else waiting.splice(index, 1)[0]?.resolve(event);
    },
  });
  return {
    shell,
    port: shell.transport.port,
    events,
    requests,
    async next<Type extends SipEvent['type']>(type: Type) {
      type Wanted = Extract<SipEvent, { type: Type }>;
      const index = events.findIndex((event) => event.type === type);
      if (index !== -1) return events.splice(index, 1)[0] as Wanted;
      const { promise, resolve, reject } = Promise.withResolvers<SipEvent>();
      const timer = setTimeout(() => reject(new Error(`no event ${type} came`)), waitTimeoutMs);
      waiting.push({ type, resolve });
      const event = await promise;
      clearTimeout(timer);
      return event as Wanted;
    },
    close: () => shell.close(),
  };
}
