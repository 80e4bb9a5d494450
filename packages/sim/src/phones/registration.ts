import { answerChallenge, encodeUtf8, type SipResponse } from '@crosspoint/sip';

/** Where a server listens for SIP. */
export type ServerAddress = { address: string; port: number };

export type RegistrationOptions = {
  username: string;
  password: string;
  server: ServerAddress;
  /** Our own address, as it stands in Via and Contact, and the transport. */
  local: ServerAddress & { protocol: 'udp' | 'tcp' | 'tls' | 'ws' };
  send: (bytes: Uint8Array) => void;
  /** A fresh token that nobody can foresee. */
  token: () => string;
};

/** The registrar said no, or nothing at all (408). */
export class RegistrationError extends Error {
  readonly status: number;

  constructor(username: string, status: number, reason: string) {
    super(`${username} could not register: ${status} ${reason}`);
    this.name = 'RegistrationError';
    this.status = status;
  }
}

const t1Ms = 500;
const t2Ms = 4_000;
/** Timer F of RFC 3261 §17.1.2.2. */
const timeoutMs = 64 * t1Ms;

type Pending = { branch: string; resolve: (response: SipResponse) => void };

/**
 * The client side of one registration (RFC 3261 §10.2): sends REGISTER, repeats it until it is answered, and answers one
 * challenge.
 */
export class RegistrationClient {
  readonly callId: string;
  readonly #options: RegistrationOptions;
  readonly #fromTag: string;
  #sequence = 0;
  #pending: Pending | undefined;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.callId = options.token();
    this.#fromTag = options.token();
  }

  /** Registers (or, with 0, takes the registration back) and returns the seconds granted. */
  async register(expiresSeconds: number): Promise<number> {
    let response = await this.#transact(expiresSeconds, undefined);
    if (response?.status === 401 || response?.status === 407) {
      const { username, password, token } = this.#options;
      const answer = answerChallenge(
        response,
        'REGISTER',
        this.#registrarUri,
        { username, password },
        token(),
      );
      if (answer !== undefined) response = await this.#transact(expiresSeconds, answer);
    }
    if (response === undefined) throw new RegistrationError(this.#options.username, 408, 'no answer');
    if (response.status < 200 || response.status > 299) {
      throw new RegistrationError(this.#options.username, response.status, response.reason);
    }
    const ours = response.headerValues('Contact').find((value) => value.includes(this.#contactUri));
    const granted = /;\s*expires\s*=\s*(\d+)/i.exec(ours ?? '')?.[1] ?? response.header('Expires');
    return granted === undefined ? expiresSeconds : Number(granted);
  }

  /** Hands over a response to a REGISTER with our Call-ID. */
  receive(response: SipResponse): void {
    const pending = this.#pending;
    if (pending === undefined || response.status < 200) return;
    if (response.via?.parameters.get('branch') === pending.branch) pending.resolve(response);
  }

  get #registrarUri(): string {
    return `sip:${this.#options.server.address}:${this.#options.server.port}`;
  }

  get #contactUri(): string {
    const { username, local } = this.#options;
    const transport = local.protocol === 'udp' ? '' : `;transport=${local.protocol}`;
    return `sip:${username}@${local.address}:${local.port}${transport}`;
  }

  /** Undefined when nothing was answered in time. */
  #transact(
    expiresSeconds: number,
    authorization: { name: string; value: string } | undefined,
  ): Promise<SipResponse | undefined> {
    this.#sequence += 1;
    const branch = `z9hG4bK${this.#options.token()}`;
    const bytes = encodeUtf8(this.#requestText(branch, expiresSeconds, authorization));
    return new Promise((resolve) => {
      let intervalMs = t1Ms;
      let repeat: NodeJS.Timeout | undefined;
      const finish = (response: SipResponse | undefined): void => {
        clearTimeout(repeat);
        clearTimeout(giveUp);
        this.#pending = undefined;
        resolve(response);
      };
      const send = (): void => {
        this.#options.send(bytes);
        repeat = setTimeout(send, intervalMs);
        intervalMs = Math.min(intervalMs * 2, t2Ms);
      };
      const giveUp = setTimeout(() => finish(undefined), timeoutMs);
      this.#pending = { branch, resolve: finish };
      send();
    });
  }

  #requestText(
    branch: string,
    expiresSeconds: number,
    authorization: { name: string; value: string } | undefined,
  ): string {
    const { username, server, local } = this.#options;
    const aor = `sip:${username}@${server.address}:${server.port}`;
    const lines = [
      `REGISTER ${this.#registrarUri} SIP/2.0`,
      `Via: SIP/2.0/${local.protocol.toUpperCase()} ${local.address}:${local.port};rport;branch=${branch}`,
      'Max-Forwards: 70',
      `From: <${aor}>;tag=${this.#fromTag}`,
      `To: <${aor}>`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${this.#sequence} REGISTER`,
      `Contact: <${this.#contactUri}>;expires=${expiresSeconds}`,
      `Expires: ${expiresSeconds}`,
      ...(authorization === undefined ? [] : [`${authorization.name}: ${authorization.value}`]),
      'Content-Length: 0',
    ];
    return `${lines.join('\r\n')}\r\n\r\n`;
  }
}
