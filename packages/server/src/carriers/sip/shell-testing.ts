import { randomBytes } from 'node:crypto';
import { SipShell, type SipShellOptions } from './shell.ts';

export type TestShellOptions = Partial<Pick<SipShellOptions, 'now' | 'onEvent' | 'onFault'>> & {
  /** Its realm, and what it calls itself. */
  name?: string;
  /** UDP and TCP on the loopback interface; 0: any that is free. */
  port?: number;
  stack?: Partial<SipShellOptions['stack']>;
};

/** The SIP stack with its sockets, for tests: open, without accounts, asking nobody for a password. */
export async function openTestShell(options: TestShellOptions = {}): Promise<SipShell> {
  const { name = 'test', port = 0, now, onEvent, onFault } = options;
  const shell: SipShell = new SipShell({
    transport: { host: '127.0.0.1', port, connectionsMax: 100, connectionsPerAddressMax: 100 },
    now: now ?? (() => performance.now()),
    stack: {
      random32: () => randomBytes(4).readUInt32LE(),
      secret: randomBytes(32),
      userAgent: name,
      realm: name,
      sentBy: () => ({ host: '127.0.0.1', port: shell.transport.port }),
      credentials: () => undefined,
      requireAuthentication: () => false,
      ...options.stack,
    },
    onEvent: onEvent ?? (() => undefined),
    onFault: onFault ?? (() => undefined),
  });
  await shell.open();
  return shell;
}
