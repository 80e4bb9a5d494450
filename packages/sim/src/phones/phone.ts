import { randomBytes, randomInt } from 'node:crypto';
import type { InviteEvent, Replaces } from '@crosspoint/sip';
import { type CodecName, PhoneCall } from './call.ts';
import { patienceMs, within } from './deadline.ts';
import { type HostedPhone, type PhoneHost, randomRatio } from './host.ts';
import { RegistrationClient, type ServerAddress } from './registration.ts';
import { SoundStream } from './sound-stream.ts';

export type PhoneOptions = {
  host: PhoneHost;
  server: ServerAddress;
  username: string;
  /** Needed to register; a caller from outside has none. */
  password?: string;
  displayName?: string;
  /** Codecs in order of preference; PCMA and PCMU by default. */
  codecs?: readonly CodecName[];
  /** False: it knows no telephone events (RFC 4733). */
  events?: boolean;
  /** What it says in its calls: a multiple of 50 Hz, or silence (the default). */
  says?: number | 'silence';
};

/** Share of the granted time after which a registration is renewed. */
const refreshShare = 0.8;
const callsWaitingMax = 1_000;

/**
 * A scripted phone on real sockets. It does nothing by itself: whoever holds it takes calls with `nextCall`, or
 * sets `onCall` and lets it behave.
 */
export class Phone implements HostedPhone {
  readonly username: string;
  readonly options: PhoneOptions;
  /** What it says in calls from now on: a multiple of 50 Hz, or silence. */
  says: number | 'silence';
  /** Called for each incoming call instead of keeping it for `nextCall`. */
  onCall: ((call: PhoneCall) => void) | undefined;
  /** Called when a renewal of the registration fails. */
  onRegistrationLost: (error: unknown) => void = () => undefined;
  readonly #registration: RegistrationClient;
  #refresh: NodeJS.Timeout | undefined;
  #waitingCalls: PhoneCall[] = [];
  #wanted: ((call: PhoneCall) => void)[] = [];

  constructor(options: PhoneOptions) {
    const { host, server, username, password = '' } = options;
    if (host.phones.has(username)) throw new Error(`The host has a phone "${username}" already.`);
    this.options = options;
    this.says = options.says ?? 'silence';
    this.username = username;
    this.#registration = new RegistrationClient({
      username,
      password,
      server,
      local: host.sentBy,
      send: (bytes) => host.send(bytes, server),
      token: randomToken,
    });
    host.registrations.set(this.#registration.callId, this.#registration);
    host.phones.set(username, this);
  }

  /** Registers and keeps the registration fresh. Throws a RegistrationError when it is refused. */
  async register(expiresSeconds = 300): Promise<void> {
    this.stopRefreshing();
    const grantedSeconds = await this.#registration.register(expiresSeconds);
    this.#refresh = setTimeout(
      () => this.register(expiresSeconds).catch((error: unknown) => this.onRegistrationLost(error)),
      grantedSeconds * 1000 * refreshShare,
    );
    this.#refresh.unref();
  }

  async unregister(): Promise<void> {
    this.stopRefreshing();
    await this.#registration.register(0);
  }

  stopRefreshing(): void {
    clearTimeout(this.#refresh);
  }

  /** Dials; the call is under way when this returns, answered or not. `replaces` asks for the place of another call (RFC 3891). */
  async call(number: string, replaces?: Replaces): Promise<PhoneCall> {
    const { host, server, username, password, displayName } = this.options;
    const call = this.#newCall(randomToken(), 'outgoing', number);
    await call.sound.ready;
    const name = displayName === undefined ? '' : `"${displayName}" `;
    const result = host.run((stack, nowMs) =>
      stack.invite(
        {
          sessionId: call.sessionId,
          uri: `sip:${number}@${server.address}:${server.port}`,
          flow: host.flowTo(server),
          from: `${name}<sip:${username}@${server.address}>`,
          to: `<sip:${number}@${server.address}>`,
          contactUser: username,
          body: call.offer(),
          credentials: password === undefined ? undefined : { username, password },
          replaces,
        },
        nowMs,
      ),
    );
    if (!result.ok) throw new Error(`${username} cannot call ${number}: ${result.detail}`);
    return call;
  }

  /** The next incoming call, ringing already. */
  nextCall(timeoutMs = patienceMs): Promise<PhoneCall> {
    const waiting = this.#waitingCalls.shift();
    if (waiting !== undefined) return Promise.resolve(waiting);
    const { promise, resolve } = Promise.withResolvers<PhoneCall>();
    this.#wanted.push(resolve);
    return within(`a call for ${this.username}`, timeoutMs, promise).finally(() => {
      this.#wanted = this.#wanted.filter((wanted) => wanted !== resolve);
    });
  }

  /** Calls that rang and that nobody took with `nextCall`. */
  get callsWaiting(): number {
    return this.#waitingCalls.length;
  }

  /** For the host: an INVITE for this phone has arrived. */
  receiveCall(event: InviteEvent): void {
    const display = event.from.displayName ?? event.from.uri?.user ?? 'unknown';
    const call = this.#newCall(event.sessionId, 'incoming', display, (name) => event.request.header(name));
    call.sound.ready.then(
      () => {
        // The caller may have given up while the socket was opened.
        if (call.at.ended !== undefined || !call.takeOffer(event.body)) return;
        call.ring();
        this.#deliver(call);
      },
      () => call.reject(500),
    );
  }

  #deliver(call: PhoneCall): void {
    const wanted = this.#wanted.shift();
    if (this.onCall !== undefined) this.onCall(call);
    else if (wanted !== undefined) wanted(call);
    else if (this.#waitingCalls.length < callsWaitingMax) this.#waitingCalls.push(call);
    else call.reject(486);
  }

  #newCall(
    sessionId: string,
    direction: 'outgoing' | 'incoming',
    display: string,
    inviteHeader?: (name: string) => string | undefined,
  ): PhoneCall {
    const { host, codecs = ['PCMA', 'PCMU'], events = true } = this.options;
    const sound = new SoundStream({
      address: host.local.address,
      pacer: host.pacer,
      random: randomRatio,
      keptSecondsMax: host.options.keptSecondsMax,
      isMute: host.options.isMute,
    });
    sound.say(this.says);
    const sessionNumber = randomInt(1, 2 ** 31);
    const base = { host, sessionId, direction, sound, codecs, events, display, sessionNumber };
    return new PhoneCall(inviteHeader === undefined ? base : { ...base, inviteHeader });
  }
}

function randomToken(): string {
  return randomBytes(12).toString('hex');
}
