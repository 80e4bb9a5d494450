import {
  answerChallenge,
  computeHa1,
  decodeUtf8,
  dialogPackage,
  encodeUtf8,
  messageSummaryPackage,
  parseMessage,
  SipStack,
  type Flow,
  type SipEvent,
} from '../../src/index.ts';
import { generator } from '../world.ts';
import { headerOf, reply, tagOf, write } from '../wire.ts';
import { findFault } from './strict.ts';

const answer =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n';

/** The bounds that the stack under fire is given. */
export const limits = {
  sessionsMax: 200,
  transactionsMax: 1_000,
  connectionsMax: 20,
  aorsMax: 50,
  messageBytesMax: 16_384,
  subscriptionsMax: 100,
  subscriptionsPerUserMax: 10,
};

/** How many of the messages that the stack has sent its peer remembers. */
const recentMax = 6;

const base = { localAddress: '10.0.0.1', localPort: 5060 };
const quiet: Flow = { protocol: 'udp', ...base, remoteAddress: '198.51.100.1', remotePort: 5060 };

/**
 * A stack with a consumer that answers, refuses, calls and hangs up at random, and a peer who remembers what the stack has
 * sent, so that hostile messages hit live calls.
 */
export class Target {
  readonly stack: SipStack;
  nowMs = 1_000;
  sends = 0;
  /** How often each event came: that the fire reaches every part of the stack is proven by it. */
  readonly heard = new Map<SipEvent['type'], number>();
  private readonly random: () => number;
  private readonly requests: string[] = [];
  private readonly responses: string[] = [];
  private templates = 0;
  private sessions = 0;
  private connection = 1;
  private probes = 0;

  constructor(seed: number) {
    this.random = generator(seed);
    this.stack = new SipStack({
      random32: generator(seed + 1),
      secret: new Uint8Array(32).fill(9),
      userAgent: 'Target',
      realm: 'example.test',
      sentBy: () => ({ host: '10.0.0.1', port: 5060 }),
      credentials: (username, realm, algorithm) =>
        username === 'alice' ? computeHa1('alice', realm, 'secret', algorithm) : undefined,
      requireAuthentication: (request) => request.method === 'REGISTER' && this.draw(4) > 0,
      largeRequestFlow: (flow) => ({ ...flow, protocol: 'tcp' }),
      redirect: (_target, flow) => flow,
      refer: 'anywhere',
      replaces: true,
      eventPackages: [messageSummaryPackage, dialogPackage],
      message: () => (this.draw(4) === 0 ? { status: 415 } : undefined),
      unsolicitedNotify: () => this.draw(2) === 0,
      connectedIdentity: true,
      limits,
    });
  }

  draw(below: number): number {
    return this.random() % below;
  }

  /** A path of one of three peers; a stream has a new connection now and then. */
  flow(isStream: boolean): Flow {
    const path = { ...base, remoteAddress: `192.0.2.${9 + this.draw(3)}`, remotePort: 5_060 + this.draw(3) };
    if (!isStream) return { protocol: 'udp', ...path };
    return { protocol: 'tcp', ...path, connectionId: this.connection };
  }

  /**
   * A message to begin with: of the corpus, each time as a new one; or one that fits something the stack has sent, a
   * response to a request, a request in a dialog, a REGISTER with the right password.
   */
  template(corpus: readonly string[], index: number): string {
    const number = ++this.templates;
    const request = this.requests[index % recentMax];
    const response = this.responses[index % recentMax];
    if (index % 4 === 1 && request !== undefined) return this.response(request, index);
    if (index % 4 === 3 && request !== undefined && /^(REFER|SUBSCRIBE) /.test(request))
      return this.notification(request, index);
    if (index % 4 === 2 && response !== undefined) return this.answerTo(response, index);
    const text = corpus[(index >> 2) % corpus.length] as string;
    return text.replaceAll('z9hG4bK', `z9hG4bK${number}`).replace(/^(Call-ID: *\S+)/im, `$1${number}`);
  }

  /** What the sender of the request might send on after our response. */
  private answerTo(text: string, index: number): string {
    const [sequence = '1', invited = ''] = headerOf(text, 'CSeq').split(' ');
    const dialog = {
      from: headerOf(text, 'From'),
      to: headerOf(text, 'To'),
      callId: headerOf(text, 'Call-ID'),
    };
    if (text.startsWith('SIP/2.0 401 ')) {
      const parsed = parseMessage(encodeUtf8(text));
      const secret = { username: 'alice', password: 'secret' };
      const header =
        parsed.ok && parsed.message.kind === 'response'
          ? answerChallenge(parsed.message, 'REGISTER', 'sip:example.test', secret, 'c')?.value
          : undefined;
      const to = '<sip:alice@example.test>';
      const headers = [`Authorization: ${header ?? ''}`];
      return write({ ...dialog, method: 'REGISTER', uri: 'sip:example.test', to, sequence: 9, headers });
    }
    const methods = [
      'ACK',
      'BYE',
      'INVITE',
      'ACK',
      'CANCEL',
      'INFO',
      'UPDATE',
      'PRACK',
      'REFER',
      'NOTIFY',
      'MESSAGE',
      'SUBSCRIBE',
      'OPTIONS',
    ];
    const method = methods[(index >> 2) % methods.length] as string;
    const isOfInvite = method === 'ACK' || method === 'CANCEL';
    const dialogOfCall = `${dialog.callId};to-tag=${tagOf(dialog.to)};from-tag=${tagOf(dialog.from)}`;
    const headers = [
      `RAck: ${headerOf(text, 'RSeq')} ${sequence} ${invited}`,
      `Refer-To: <sip:carol@192.0.2.9?Replaces=${encodeURIComponent(dialogOfCall)}>`,
      `Event: ${['refer', 'dialog', 'message-summary'][index % 3]}`,
      `Expires: ${[0, 60, 600, 30][(index >> 2) % 4]}`,
    ];
    if (method === 'INVITE' && index % 5 === 0) {
      const from = '<sip:carol@192.0.2.9>;tag=carol';
      const replaces = [`Replaces: ${dialogOfCall}`];
      return write({ from, callId: `replacing-${index}`, headers: replaces, body: answer });
    }
    const branch = /branch=(z9hG4bK[^;,\s]+)/.exec(text)?.[1];
    return write({
      ...dialog,
      method,
      headers,
      sequence: Number(sequence) + (isOfInvite ? 0 : 1 + (index % 5)),
      body: index % 8 < 4 ? answer : '',
      ...(method === 'CANCEL' && branch !== undefined ? { branch } : {}),
    });
  }

  /** What a notifier might send about a SUBSCRIBE or REFER of the stack. */
  private notification(request: string, index: number): string {
    const state = ['active;expires=60', 'pending', 'terminated;reason=noresource', 'active;expires=0'][
      index % 4
    ];
    const lines = ['SIP/2.0 180 Ringing', 'SIP/2.0 200 OK', 'Messages-Waiting: yes', ''];
    return write({
      method: 'NOTIFY',
      from: `${headerOf(request, 'To').replace(/;tag=.*/, '')};tag=t${index % 3}`,
      to: headerOf(request, 'From'),
      callId: headerOf(request, 'Call-ID'),
      sequence: 1 + (this.templates % 50),
      headers: [`Event: ${headerOf(request, 'Event') || 'refer'}`, `Subscription-State: ${state}`],
      body: `${lines[(index >> 2) % lines.length]}\r\n`,
    });
  }

  private response(request: string, index: number): string {
    const statuses = [
      '180 Ringing',
      '200 OK',
      '183 Progress',
      '200 OK',
      '202 Accepted',
      '100 Trying',
      '302 Moved',
      '401 Unauthorized',
      '407 Auth',
      '422 Small',
      '423 Brief',
      '481 Gone',
      '491 Pending',
      '500 Error',
      '503 Busy',
      '603 No',
    ];
    const status = statuses[(index >> 2) % statuses.length] as string;
    const contact = /^Contact: .*/m.exec(request)?.[0];
    const headers = [
      request.startsWith('REGISTER') && contact !== undefined ? contact : 'Contact: <sip:bob@192.0.2.9>',
      'WWW-Authenticate: Digest realm="example.test", nonce="n", qop="auth"',
      'Min-SE: 2000',
      'Supported: timer',
      'Session-Expires: 1800;refresher=uas',
      'Require: 100rel',
      `RSeq: ${1 + (index % 3)}`,
    ];
    const body = request.startsWith('INVITE') && index % 8 < 6 ? answer : '';
    return reply(request, status, { tag: `t${index % 3}`, headers: headers.slice(0, 1 + (index % 7)), body });
  }

  /** Hands bytes over, whole or in two pieces on a stream, and lets the consumer react. */
  receive(bytes: Uint8Array, flow: Flow): void {
    const cut = flow.protocol === 'udp' || bytes.length === 0 ? bytes.length : this.draw(bytes.length);
    this.stack.receive(bytes.subarray(0, cut), flow, this.nowMs);
    if (cut < bytes.length) this.stack.receive(bytes.subarray(cut), flow, this.nowMs);
    this.settle();
    if (this.draw(4) === 0) this.pass(this.draw(2_000));
    if (this.draw(8) === 0) this.act();
  }

  /** Whether an OPTIONS from somebody else is answered at once. */
  answersOptions(): boolean {
    const branch = `z9hG4bKprobe${++this.probes}`;
    const text = write({ method: 'OPTIONS', branch, callId: branch, sequence: 1 });
    this.stack.receive(encodeUtf8(text), quiet, this.nowMs);
    return this.settle().some((sent) => sent.startsWith('SIP/2.0 200 ') && sent.includes(branch));
  }

  /** Hangs everything up and waits until every timer of the standards has run out. */
  finish(): void {
    for (let session = 1; session <= this.sessions; session++)
      this.stack.bye({ sessionId: `out-${session}` }, this.nowMs);
    for (const sessionId of this.live) this.stack.bye({ sessionId }, this.nowMs);
    this.stack.unregister({ registrationId: 'r' }, this.nowMs);
    this.stack.subscriptions.unsubscribe({ subscriptionId: 's' }, this.nowMs);
    for (let connection = 1; connection <= this.connection; connection++)
      this.stack.flowClosed(
        { protocol: 'tcp', ...base, remoteAddress: 'x', remotePort: 1, connectionId: connection },
        this.nowMs,
      );
    this.settle();
    this.pass(8_000_000);
  }

  private readonly live = new Set<string>();
  private readonly refers: string[] = [];
  private readonly watchers: string[] = [];

  private pass(milliseconds: number): void {
    const untilMs = this.nowMs + milliseconds;
    for (
      let next = this.stack.nextDeadlineMs();
      next !== undefined && next <= untilMs;
      next = this.stack.nextDeadlineMs()
    ) {
      this.nowMs = Math.max(this.nowMs, next);
      this.stack.advance(this.nowMs);
      this.settle();
    }
    this.nowMs = untilMs;
  }

  /** Carries out what the stack wants, checking each message that goes out. */
  private settle(): string[] {
    const sent: string[] = [];
    for (let outputs = this.stack.drain(); outputs.length > 0; outputs = this.stack.drain()) {
      for (const output of outputs) {
        if (output.type === 'event') this.react(output.event);
        else if (output.type === 'close') {
          this.stack.flowClosed(output.flow, this.nowMs);
          this.connection++;
        } else {
          const fault = findFault(output.bytes);
          const text = decodeUtf8(output.bytes);
          if (fault !== undefined) throw new Error(`${fault}\n${text}`);
          this.sends++;
          sent.push(text);
          const kind = text.startsWith('SIP/2.0') ? this.responses : this.requests;
          // A repeated message adds nothing.
          if (kind.at(-1) !== text) kind.push(text);
          if (kind.length > recentMax) kind.shift();
        }
      }
    }
    return sent;
  }

  private react(event: SipEvent): void {
    this.heard.set(event.type, (this.heard.get(event.type) ?? 0) + 1);
    const { stack, nowMs } = this;
    if (event.type === 'invite') {
      const { sessionId } = event;
      this.live.add(sessionId);
      const choice = this.draw(6);
      if (choice < 4)
        stack.progress(
          { sessionId, status: 180 + (choice % 2) * 3, ...(choice === 1 ? { body: answer } : {}) },
          nowMs,
        );
      if (choice < 3) stack.accept({ sessionId, body: answer }, nowMs);
      else if (choice === 5) stack.reject({ sessionId, status: 486 }, nowMs);
    } else if (event.type === 'reinvite') {
      stack.answerReinvite(
        { sessionId: event.sessionId, status: this.draw(3) === 0 ? 488 : 200, body: answer },
        nowMs,
      );
    } else if (event.type === 'accepted' && this.draw(2) === 0)
      stack.acknowledge({ sessionId: event.sessionId, body: answer }, nowMs);
    else if (event.type === 'refer' || event.type === 'refer-outside') {
      const { referId } = event;
      if (this.draw(3) === 0) stack.transfers.refuse({ referId, status: 603 }, nowMs);
      else stack.transfers.accept({ referId }, nowMs);
      this.refers.push(referId);
      if (this.refers.length > recentMax) this.refers.shift();
    } else if (event.type === 'subscribe') {
      const { subscriptionId } = event;
      const content =
        event.package === 'dialog' ? { dialogs: [] } : { messages: { isWaiting: true, counts: [] } };
      if (this.draw(4) === 0) stack.subscriptions.refuse({ subscriptionId, status: 403 }, nowMs);
      else stack.subscriptions.accept({ subscriptionId, content, isPending: this.draw(4) === 0 }, nowMs);
      this.watchers.push(subscriptionId);
      if (this.watchers.length > recentMax) this.watchers.shift();
    } else if (event.type === 'ended' || event.type === 'rejected' || event.type === 'cancelled')
      this.live.delete(event.sessionId);
  }

  /** Something that the consumer does of its own accord. */
  private act(): void {
    const { stack, nowMs } = this;
    const sessionId = [...this.live][this.draw(Math.max(1, this.live.size))] ?? '';
    const referId = this.refers[this.draw(recentMax)] ?? '';
    const subscriptionId = this.watchers[this.draw(recentMax)] ?? '';
    switch (this.draw(15)) {
      case 0:
      case 7:
      case 8: {
        const session = `out-${++this.sessions}`;
        this.live.add(session);
        const body = this.draw(2) === 0 ? answer + 'a=x\r\n'.repeat(this.draw(300)) : undefined;
        const credentials = { username: 'alice', password: 'secret' };
        stack.invite(
          {
            sessionId: session,
            uri: 'sip:bob@192.0.2.9',
            flow: this.flow(this.draw(2) === 0),
            from: 'sip:a@example.test',
            to: 'sip:bob@x',
            body,
            credentials,
          },
          nowMs,
        );
        break;
      }
      case 1:
        stack.reinvite({ sessionId, ...(this.draw(2) === 0 ? { body: answer } : {}) }, nowMs);
        break;
      case 2:
        stack.info({ sessionId, contentType: 'application/dtmf-relay', body: 'Signal=1' }, nowMs);
        break;
      case 3:
        stack.bye({ sessionId }, nowMs);
        break;
      case 4:
        stack.options({ key: 'k', uri: 'sip:192.0.2.9', flow: this.flow(false) }, nowMs);
        break;
      case 5: {
        const registration = {
          registrationId: 'r',
          registrar: 'sip:example.test',
          addressOfRecord: 'sip:a@example.test',
          targets: [this.flow(false)],
        };
        if (this.draw(2) === 0) stack.register(registration, nowMs);
        else stack.unregister({ registrationId: 'r' }, nowMs);
        break;
      }
      case 9:
        stack.transfers.refer({ referId: 'ours', sessionId, target: 'sip:carol@192.0.2.9' }, nowMs);
        break;
      case 10:
        stack.transfers.report({ referId, status: 180 + 20 * this.draw(3) }, nowMs);
        break;
      case 11: {
        const watched = { uri: 'sip:bob@192.0.2.9', from: 'sip:a@example.test', to: 'sip:bob@192.0.2.9' };
        const flow = this.flow(false);
        if (this.draw(3) === 0) stack.subscriptions.unsubscribe({ subscriptionId: 's' }, nowMs);
        else
          stack.subscriptions.subscribe({ subscriptionId: 's', package: 'dialog', flow, ...watched }, nowMs);
        break;
      }
      case 12:
        stack.subscriptions.notify({ subscriptionId, content: { dialogs: [] } }, nowMs);
        break;
      case 13:
        stack.subscriptions.end({ subscriptionId, reason: 'noresource' }, nowMs);
        break;
      case 14:
        stack.update({ sessionId, ...(this.draw(2) === 0 ? { body: answer } : {}) }, nowMs);
        break;
      default:
        stack.flowClosed(this.flow(true), nowMs);
        this.connection++;
    }
    this.settle();
  }
}
