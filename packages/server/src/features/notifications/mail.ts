import type { MailServer } from '@crosspoint/contracts';
import { inTime, nodemailer } from '../../platform/index.ts';
import type { MailText } from './texts.ts';

const TIMEOUT_MS = 10_000;
/** A server that answers, but slowly, line by line. */
const WHOLE_MS = 30_000;
const ERROR_LENGTH_MAX = 300;

/** How the tenant's mail is sent. */
export interface MailRoute extends Omit<MailServer, 'hasPassword'> {
  password: string | null;
}

/** @returns null when the server has taken the message for every recipient, else what it said. Never rejects. */
export async function sendMail(
  route: MailRoute,
  addresses: readonly string[],
  { subject, text }: MailText,
): Promise<string | null> {
  const { host, port, encryption, username, password } = route;
  const transport = nodemailer().createTransport({
    ...{ host, port, secure: encryption === 'tls' },
    ...{ requireTLS: encryption === 'starttls', ignoreTLS: encryption === 'none' },
    ...(username === null ? {} : { auth: { user: username, pass: password ?? '' } }),
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    ...{ dnsTimeout: TIMEOUT_MS, disableFileAccess: true, disableUrlAccess: true },
  });
  try {
    const from = { name: route.fromName, address: route.fromAddress };
    const sent = transport.sendMail({ from, to: [...addresses], subject, text });
    // When the time is over first, closing the transport ends it.
    const { rejected } = await inTime(sent, WHOLE_MS, 'the mail server takes too long');
    return rejected.length === 0 ? null : `refused for ${rejected.join(', ')}`;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, ERROR_LENGTH_MAX);
  } finally {
    transport.close();
  }
}
