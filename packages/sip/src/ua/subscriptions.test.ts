import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, tagOf, Wire, write } from '../../test/wire.ts';
import { isIdle, type Host, World } from '../../test/world.ts';
import {
  decodeUtf8,
  dialogPackage,
  messageSummaryPackage,
  parseDialogInfo,
  parseMessageSummary,
  type SipStackOptions,
} from '../index.ts';

const eventPackages = [messageSummaryPackage, dialogPackage];
const nothing = {
  subscriptions: 0,
  dialogs: 0,
  timers: 0,
  clientTransactions: 0,
  serverTransactions: 0,
};
const messages = { isWaiting: true, counts: [{ messageClass: 'voice-message', newCount: 2, oldCount: 1 }] };

function starts(texts: string[]): string[] {
  return texts.map((text) => (text.startsWith('SIP') ? text.slice(8, 11) : (text.split(' ')[0] ?? '')));
}

function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

function subscribe(
  headers: string[],
  shape: { to?: string; sequence?: number; callId?: string; from?: string } = {},
) {
  return write({ method: 'SUBSCRIBE', uri: 'sip:700@10.0.0.1', headers, ...shape });
}

/** A subscription of bob that we have let in, with its first NOTIFY answered. */
function served(
  content: object = { messages },
  headers = ['Event: message-summary', 'Expires: 600'],
  options: Partial<SipStackOptions> = {},
) {
  const wire = new Wire({ eventPackages, ...options });
  wire.receive(subscribe(headers));
  const subscriptionId = wire.of('subscribe')[0]?.subscriptionId ?? '';
  wire.stack.subscriptions.accept({ subscriptionId, content: content as never }, wire.nowMs);
  wire.collect();
  const [answer = '', notify = ''] = wire.sent.map(({ text }) => text);
  wire.receive(reply(notify, '200 OK'));
  return { wire, subscriptionId, answer, notify, to: headerOf(answer, 'To') };
}

describe('a subscription of a peer', () => {
  it('[DLG-04] [RFC6665 §4.4.1] its NOTIFYs go where it was heard, or where the consumer leads to its Contact', () => {
    expect(served().wire.sent.at(-1)?.flow).toEqual(flow);
    const { wire, subscriptionId } = served(undefined, undefined, {
      routeInDialog: ({ port = 5060 }, heardFrom) => ({ ...heardFrom, remotePort: port }),
    });
    const [answer, notify] = wire.sent;
    expect([answer?.flow.remotePort, notify?.flow.remotePort]).toEqual([flow.remotePort, 5062]);
    wire.stack.subscriptions.notify({ subscriptionId, content: { messages } }, wire.nowMs);
    wire.collect();
    expect(wire.sent.at(-1)?.flow).toEqual({ ...flow, remotePort: 5062 });
  });

  it('[SUB-01] [RFC6665 §4.2.1] is told, and answered by 200 and a NOTIFY with the state', () => {
    const { wire, answer, notify, to } = served();
    expect(wire.of('subscribe')).toMatchObject([
      { package: 'message-summary', resource: { user: '700' }, expiresSeconds: 600, flow },
    ]);
    expect(answer).toContain('SIP/2.0 200 OK');
    expect([headerOf(answer, 'Expires'), tagOf(to) === '', headerOf(answer, 'Contact') === '']).toEqual([
      '600',
      false,
      false,
    ]);
    expect(notify).toContain('NOTIFY sip:bob@172.16.0.5:5062 SIP/2.0');
    expect(headerOf(notify, 'Event')).toBe('message-summary');
    expect(headerOf(notify, 'Subscription-State')).toBe('active;expires=600');
    expect(headerOf(notify, 'Content-Type')).toBe('application/simple-message-summary');
    expect(parseMessageSummary(bodyOf(notify))).toEqual(messages);
  });

  it('[SUB-02] [RFC6665 §4.2.1.1] the verdicts: 489, 406, 423, 400, 503; and 405 where nothing is served', () => {
    const wire = new Wire({ eventPackages, limits: { subscriptionsMax: 0 } });
    let calls = 0;
    const verdict = (...headers: string[]) =>
      starts(wire.receive(subscribe(headers, { callId: `c${++calls}` })));
    expect(verdict('Event: presence')).toEqual(['489']);
    expect(headerOf(wire.last, 'Allow-Events')).toBe('message-summary, dialog');
    expect(verdict()).toEqual(['489']);
    expect(verdict('Event: dialog', 'Accept: text/plain')).toEqual(['406']);
    expect(verdict('Event: dialog', 'Expires: 59')).toEqual(['423']);
    expect(headerOf(wire.last, 'Min-Expires')).toBe('60');
    expect(verdict('Event: dialog', 'Accept: application/*')).toEqual(['503']);
    expect(headerOf(wire.last, 'Retry-After')).toBe('60');
    const text = subscribe(['Event: dialog'], { callId: 'x' }).replace(
      'Contact: <sip:bob@172.16.0.5:5062>\r\n',
      '',
    );
    expect(starts(wire.receive(text))).toEqual(['400']);
    const mail = subscribe(['Event: dialog'], { callId: 'y' }).replace(
      '<sip:bob@172.16',
      '<mailto:bob@172.16',
    );
    expect(starts(wire.receive(mail))).toEqual(['400']);
    expect(starts(new Wire().receive(subscribe(['Event: dialog'])))).toEqual(['405']);
    expect(wire.of('subscribe')).toEqual([]);
  });

  it('[SUB-03] needs its password like a REGISTER where `requireAuthentication` says so', () => {
    const wire = new Wire({ eventPackages, requireAuthentication: ({ method }) => method === 'SUBSCRIBE' });
    expect(starts(wire.receive(subscribe(['Event: dialog'])))).toEqual(['401']);
    expect(wire.of('subscribe')).toEqual([]);
  });

  it('[SUB-04] [RFC6665 §4.2.1.2] a refresh prolongs it and tells the state; 423 and a longer wish as at first', () => {
    const { wire, to, subscriptionId } = served();
    const refresh = (sequence: number, expires: number) =>
      wire.receive(subscribe(['Event: message-summary', `Expires: ${expires}`], { to, sequence }));
    wire.pass(500_000);
    const [answer = '', notify = ''] = refresh(2, 100_000);
    expect(headerOf(answer, 'Expires')).toBe('86400');
    expect(headerOf(notify, 'Subscription-State')).toBe('active;expires=86400');
    wire.receive(reply(notify, '200 OK'));
    expect(starts(refresh(3, 30))).toEqual(['423']);
    expect(starts(refresh(3, 600))).toEqual(['500']);
    const other = subscribe(['Event: dialog'], { to, sequence: 4 });
    expect(starts(wire.receive(other))).toEqual(['481']);
    wire.pass(86_000_000);
    expect(wire.of('subscription-ended')).toEqual([]);
    const last = wire.pass(400_000);
    expect(headerOf(last[0] ?? '', 'Subscription-State')).toBe('terminated;reason=timeout');
    expect(wire.of('subscription-ended')).toEqual([
      { type: 'subscription-ended', subscriptionId, by: 'timeout' },
    ]);
    wire.receive(reply(last[0] ?? '', '200 OK'));
    wire.pass(40_000);
    expect(wire.stack.statistics()).toMatchObject(nothing);
  });

  it('[SUB-05] [RFC6665 §4.2.1.4, §4.4.3] Expires: 0 ends it, or asks for the state once', () => {
    const ended = served();
    const { to } = ended;
    const sent = ended.wire.receive(subscribe(['Event: message-summary', 'Expires: 0'], { to, sequence: 2 }));
    expect(starts(sent)).toEqual(['200', 'NOTIFY']);
    expect(headerOf(sent[1] ?? '', 'Subscription-State')).toBe('terminated;reason=timeout');
    expect(parseMessageSummary(bodyOf(sent[1] ?? ''))).toEqual(messages);
    expect(ended.wire.of('subscription-ended')).toMatchObject([{ by: 'remote' }]);
    const fetched = served({ messages }, ['Event: message-summary', 'Expires: 0']);
    expect(fetched.wire.of('subscribe')[0]?.expiresSeconds).toBe(0);
    expect(headerOf(fetched.notify, 'Subscription-State')).toBe('terminated;reason=timeout');
    fetched.wire.pass(40_000);
    expect(fetched.wire.stack.statistics()).toMatchObject(nothing);
  });

  it('[SUB-06] [RFC4235 §4.1] each document about calls counts one more, and names what is watched', () => {
    const { wire, subscriptionId, notify } = served({ dialogs: [] }, ['Event: dialog;id=5']);
    expect(headerOf(notify, 'Event')).toBe('dialog;id=5');
    expect(parseDialogInfo(bodyOf(notify))).toEqual({
      version: 0,
      isFull: true,
      entity: 'sip:700@10.0.0.1',
      dialogs: [],
    });
    const dialogs = [{ id: '1', state: 'early', direction: 'recipient' }] as const;
    expect(wire.stack.subscriptions.notify({ subscriptionId, content: { dialogs } }, wire.nowMs)).toEqual({
      ok: true,
    });
    wire.collect();
    expect(parseDialogInfo(bodyOf(wire.last))).toMatchObject({ version: 1, dialogs });
  });

  it('[SUB-07] [RFC6665 §4.2.2] NOTIFYs go one at a time; what changes meanwhile comes together in the next', () => {
    const { wire, subscriptionId } = served();
    const counted = (newCount: number) => ({
      messages: { isWaiting: true, counts: [{ messageClass: 'voice-message', newCount, oldCount: 0 }] },
    });
    const before = wire.sent.length;
    for (let count = 3; count <= 9; count++)
      wire.stack.subscriptions.notify({ subscriptionId, content: counted(count) }, wire.nowMs);
    wire.collect();
    expect(wire.sent.length - before).toBe(1);
    expect(starts(wire.receive(reply(wire.last, '200 OK')))).toEqual(['NOTIFY']);
    expect(bodyOf(wire.last)).toContain('Voice-Message: 9/0');
    expect(starts(wire.receive(reply(wire.last, '200 OK')))).toEqual([]);
  });

  it('[SUB-08] [RFC6665 §4.2.2] a NOTIFY that is refused or not answered ends it; with Retry-After it waits', () => {
    const fails = (play: (wire: Wire) => void) => {
      const { wire, subscriptionId } = served();
      wire.stack.subscriptions.notify({ subscriptionId, content: { messages } }, wire.nowMs);
      wire.collect();
      play(wire);
      return wire.of('subscription-ended').map((event) => event.by);
    };
    expect(fails((wire) => wire.receive(reply(wire.last, '481 Call/Transaction Does Not Exist')))).toEqual([
      'remote',
    ]);
    expect(fails((wire) => wire.pass(32_000))).toEqual(['timeout']);
    expect(
      fails((wire) => {
        wire.receive(reply(wire.last, '503 Service Unavailable', { headers: ['Retry-After: 10'] }));
        expect(starts(wire.pass(10_000))).toEqual(['NOTIFY']);
      }),
    ).toEqual([]);
  });

  it('[SUB-09] pending, it says nothing of the state until the first notify; ended, it says why', () => {
    const wire = new Wire({ eventPackages });
    wire.receive(subscribe(['Event: message-summary']));
    const subscriptionId = wire.of('subscribe')[0]?.subscriptionId ?? '';
    const { subscriptions } = wire.stack;
    expect(subscriptions.notify({ subscriptionId, content: { messages } }, 1_000)).toMatchObject({
      ok: false,
    });
    subscriptions.accept({ subscriptionId, content: { messages }, isPending: true }, wire.nowMs);
    wire.collect();
    expect([headerOf(wire.last, 'Subscription-State'), bodyOf(wire.last)]).toEqual([
      'pending;expires=3600',
      '',
    ]);
    expect(subscriptions.accept({ subscriptionId }, wire.nowMs)).toMatchObject({ reason: 'wrong-state' });
    wire.receive(reply(wire.last, '200 OK'));
    subscriptions.notify({ subscriptionId, content: { messages } }, wire.nowMs);
    wire.collect();
    expect(headerOf(wire.last, 'Subscription-State')).toBe('active;expires=3600');
    wire.receive(reply(wire.last, '200 OK'));
    subscriptions.end({ subscriptionId, reason: 'probation', retryAfterSeconds: 60 }, wire.nowMs);
    wire.collect();
    expect(headerOf(wire.last, 'Subscription-State')).toBe('terminated;reason=probation;retry-after=60');
    expect(subscriptions.end({ subscriptionId, reason: 'rejected' }, 1_000)).toMatchObject({ ok: false });
    expect(wire.of('subscription-ended')).toEqual([]);
  });

  it('[SUB-10] refused, it leaves nothing; unanswered for 60*T1 it gets 500', () => {
    const ask = () => {
      const wire = new Wire({ eventPackages });
      wire.receive(subscribe(['Event: dialog']));
      return { wire, subscriptionId: wire.of('subscribe')[0]?.subscriptionId ?? '' };
    };
    const { wire, subscriptionId } = ask();
    wire.stack.subscriptions.refuse({ subscriptionId, status: 404 }, wire.nowMs);
    wire.collect();
    expect(starts([wire.last])).toEqual(['404']);
    expect(wire.stack.statistics()).toMatchObject({ subscriptions: 0, dialogs: 0 });
    const silent = ask().wire;
    expect(starts(silent.pass(30_000))).toEqual(['500']);
    silent.pass(40_000);
    expect(silent.stack.statistics()).toMatchObject(nothing);
  });

  it('[SUB-11] one more than the limit of a user ends the oldest, and nobody else’s', () => {
    const wire = new Wire({ eventPackages, limits: { subscriptionsPerUserMax: 2 } });
    const add = (callId: string, from: string) => {
      wire.receive(subscribe(['Event: dialog'], { callId, from }));
      const subscriptionId = wire.of('subscribe').at(-1)?.subscriptionId ?? '';
      wire.stack.subscriptions.accept({ subscriptionId, content: { dialogs: [] } }, wire.nowMs);
      wire.collect();
      wire.receive(reply(wire.last, '200 OK'));
      return subscriptionId;
    };
    const other = add('o', '<sip:carol@example.test>;tag=o');
    const first = add('a', '<sip:bob@example.test>;tag=a');
    add('b', '<sip:bob@example.test>;tag=b');
    expect(wire.of('subscription-ended')).toEqual([]);
    add('c', '<sip:bob@example.test>;tag=c');
    expect(wire.of('subscription-ended')).toMatchObject([
      { subscriptionId: first, by: 'local', reason: 'rejected' },
    ]);
    expect(wire.stack.statistics().subscriptions).toBe(3);
    expect(wire.stack.subscriptions.end({ subscriptionId: other, reason: 'noresource' }, 1_000)).toEqual({
      ok: true,
    });
  });

  it('[SUB-12] within a call none begins: 481', () => {
    const wire = new Wire({ eventPackages });
    wire.receive(write());
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.accept({ sessionId, body: 'v=0\r\n' }, wire.nowMs);
    wire.collect();
    const to = headerOf(wire.last, 'To');
    expect(starts(wire.receive(subscribe(['Event: dialog'], { to, sequence: 2 })))).toEqual(['481']);
  });
});

describe('a subscription of ours', () => {
  const command = {
    subscriptionId: 's',
    package: 'message-summary',
    uri: 'sip:700@h',
    flow,
    from: 'sip:bob@h',
    to: 'sip:700@h',
  };

  function asked(changes: object = {}): { wire: Wire; first: string } {
    const wire = new Wire();
    expect(wire.stack.subscriptions.subscribe({ ...command, ...changes }, wire.nowMs)).toEqual({ ok: true });
    wire.collect();
    return { wire, first: wire.last };
  }

  function notify(
    first: string,
    sequence: number,
    state: string,
    options: { tag?: string; event?: string } = {},
  ) {
    const { tag = 'n', event = 'message-summary' } = options;
    const headers = [`Event: ${event}`, ...(state === '' ? [] : [`Subscription-State: ${state}`])];
    const from = `<sip:700@h>;tag=${tag}`;
    const to = headerOf(first, 'From');
    const callId = headerOf(first, 'Call-ID');
    const body = 'Messages-Waiting: no\r\n';
    const text = write({ method: 'NOTIFY', callId, from, to, sequence, headers, body });
    return text.replace('application/sdp', 'application/simple-message-summary');
  }

  it('[SUB-20] [RFC6665 §4.1.2] asks, takes notifications, and refreshes half a minute before the end', () => {
    const { wire, first } = asked();
    expect(first).toContain('SUBSCRIBE sip:700@h SIP/2.0');
    expect([headerOf(first, 'Event'), headerOf(first, 'Expires'), headerOf(first, 'Accept')]).toEqual([
      'message-summary',
      '3600',
      'application/simple-message-summary',
    ]);
    wire.receive(reply(first, '200 OK', { tag: 'n', headers: ['Expires: 600'] }));
    expect(starts(wire.receive(notify(first, 1, 'active;expires=600')))).toEqual(['200']);
    const event = wire.of('notification')[0];
    expect(event).toMatchObject({ subscriptionId: 's', package: 'message-summary', state: 'active' });
    expect(decodeUtf8(event?.body ?? new Uint8Array())).toBe('Messages-Waiting: no\r\n');
    expect(starts(wire.pass(567_999))).toEqual([]);
    expect(starts(wire.pass(1))).toEqual(['SUBSCRIBE']);
    expect(wire.last).toContain('SUBSCRIBE sip:bob@172.16.0.5:5062 SIP/2.0');
    expect([headerOf(wire.last, 'CSeq'), tagOf(headerOf(wire.last, 'To'))]).toEqual(['2 SUBSCRIBE', 'n']);
    wire.receive(reply(wire.last, '200 OK', { headers: ['Expires: 600'] }));
    expect(wire.of('subscription-ended')).toEqual([]);
  });

  it('[SUB-21] [RFC6665 §4.1.2.4, §4.4.1] the first NOTIFY makes the dialog, also before the 200; other forks get 481', () => {
    const { wire, first } = asked();
    expect(starts(wire.receive(notify(first, 1, 'active;expires=600')))).toEqual(['200']);
    expect(starts(wire.receive(notify(first, 1, 'active;expires=600', { tag: 'fork' })))).toEqual(['481']);
    wire.receive(reply(first, '202 Accepted', { tag: 'n', headers: ['Expires: 600'] }));
    expect(starts(wire.receive(notify(first, 1, 'active;expires=600')))).toEqual(['500']);
    expect(starts(wire.receive(notify(first, 2, 'active', { event: 'dialog' })))).toEqual(['481']);
    expect(starts(wire.receive(notify(first, 3, '')))).toEqual(['400']);
    const silent = asked();
    silent.wire.receive(reply(silent.first, '200 OK', { tag: 'n' }));
    silent.wire.pass(32_000);
    expect(silent.wire.of('subscription-ended')).toMatchObject([{ subscriptionId: 's', by: 'timeout' }]);
    silent.wire.pass(40_000);
    expect(silent.wire.stack.statistics()).toMatchObject(nothing);
  });

  it('[SUB-22] [RFC6665 §4.1.3] ends as the notifier says, with its reason', () => {
    const { wire, first } = asked();
    wire.receive(notify(first, 1, 'terminated;reason=probation;retry-after=60'));
    expect(wire.of('notification')).toMatchObject([{ state: 'terminated' }]);
    expect(wire.of('subscription-ended')).toMatchObject([
      { subscriptionId: 's', by: 'remote', reason: 'probation', retryAfterSeconds: 60 },
    ]);
    expect(starts(wire.receive(notify(first, 2, 'active')))).toEqual(['481']);
    wire.receive(reply(first, '200 OK', { tag: 'n' }));
    wire.pass(40_000);
    expect(wire.stack.statistics()).toMatchObject(nothing);
  });

  it('[SUB-23] refused it ends with the status; after 423 it asks once more for longer', () => {
    const refused = asked();
    refused.wire.receive(reply(refused.first, '489 Bad Event', { tag: 'n' }));
    expect(refused.wire.of('subscription-ended')).toMatchObject([{ by: 'remote', status: 489 }]);
    const { wire, first } = asked({ expiresSeconds: 60 });
    const brief = { tag: 'n', headers: ['Min-Expires: 300'] };
    expect(starts(wire.receive(reply(first, '423 Interval Too Brief', brief)))).toEqual(['SUBSCRIBE']);
    expect([headerOf(wire.last, 'Expires'), headerOf(wire.last, 'CSeq')]).toEqual(['300', '2 SUBSCRIBE']);
    wire.receive(reply(wire.last, '423 Interval Too Brief', { tag: 'n', headers: ['Min-Expires: 400'] }));
    expect(wire.of('subscription-ended')).toMatchObject([{ status: 423 }]);
  });

  it('[SUB-24] [RFC6665 §4.1.2.2] a refresh that fails leaves it until it expires; 481 ends it', () => {
    const refreshing = () => {
      const { wire, first } = asked();
      wire.receive(reply(first, '200 OK', { tag: 'n', headers: ['Expires: 600'] }));
      wire.receive(notify(first, 1, 'active;expires=600'));
      wire.pass(568_000);
      return wire;
    };
    const gone = refreshing();
    gone.receive(reply(gone.last, '481 Call/Transaction Does Not Exist'));
    expect(gone.of('subscription-ended')).toMatchObject([{ by: 'remote', status: 481 }]);
    const wire = refreshing();
    wire.receive(reply(wire.last, '500 Server Internal Error'));
    wire.pass(31_999);
    expect(wire.of('subscription-ended')).toEqual([]);
    wire.pass(1);
    expect(wire.of('subscription-ended')).toMatchObject([{ by: 'timeout' }]);
  });

  it('[SUB-25] a notifier that names no time cannot make it refresh without pause', () => {
    const { wire, first } = asked();
    wire.receive(reply(first, '200 OK', { tag: 'n', headers: ['Expires: 600'] }));
    wire.receive(notify(first, 1, 'active;expires=0'));
    expect(starts(wire.pass(4_999))).toEqual([]);
    expect(starts(wire.pass(1))).toEqual(['SUBSCRIBE']);
  });

  it('[SUB-26] unsubscribing ends it at once; the last NOTIFY is answered, and nothing is left', () => {
    const { wire, first } = asked();
    wire.receive(reply(first, '200 OK', { tag: 'n', headers: ['Expires: 600'] }));
    wire.receive(notify(first, 1, 'active;expires=600'));
    expect(wire.stack.subscriptions.unsubscribe({ subscriptionId: 's' }, wire.nowMs)).toEqual({ ok: true });
    wire.collect();
    expect(headerOf(wire.last, 'Expires')).toBe('0');
    expect(wire.of('subscription-ended')).toMatchObject([{ by: 'local' }]);
    wire.receive(reply(wire.last, '200 OK', { headers: ['Expires: 0'] }));
    expect(starts(wire.receive(notify(first, 2, 'terminated;reason=timeout')))).toEqual(['200']);
    expect(wire.of('notification')).toHaveLength(1);
    wire.pass(40_000);
    expect(wire.stack.statistics()).toMatchObject(nothing);
  });

  it('[SUB-27] senseless commands are refused as values', () => {
    const { wire } = asked();
    const { subscriptions } = wire.stack;
    expect(subscriptions.subscribe(command, 1_000)).toMatchObject({ reason: 'duplicate-session' });
    const other = { ...command, subscriptionId: 't' };
    expect(subscriptions.subscribe({ ...other, uri: 'x' }, 1_000)).toMatchObject({
      reason: 'invalid-argument',
    });
    for (const expiresSeconds of [-1, 0.5, 86_401])
      expect(subscriptions.subscribe({ ...other, expiresSeconds }, 1_000)).toMatchObject({ ok: false });
    expect(subscriptions.unsubscribe({ subscriptionId: 't' }, 1_000)).toMatchObject({ ok: false });
    expect(subscriptions.refuse({ subscriptionId: 't', status: 200 }, 1_000)).toMatchObject({ ok: false });
  });
});

describe('an unsolicited NOTIFY', () => {
  it('[SUB-30] [RFC6665 §4.1.3] gets 481, unless the consumer takes it', () => {
    const text = (callId: string) =>
      write({
        method: 'NOTIFY',
        callId,
        headers: ['Event: message-summary'],
        body: 'Messages-Waiting: yes\r\n',
      });
    expect(starts(new Wire().receive(text('a')))).toEqual(['481']);
    const wire = new Wire({
      unsolicitedNotify: (_request, { flow: from }) => from.remoteAddress === flow.remoteAddress,
    });
    expect(starts(wire.receive(text('b')))).toEqual(['200']);
    expect(wire.of('unsolicited-notification')).toMatchObject([{ package: 'message-summary', flow }]);
    expect(starts(wire.receive(write({ method: 'NOTIFY', callId: 'c' })))).toEqual(['481']);
  });
});

describe('two stacks', () => {
  function pair(options: Partial<SipStackOptions> = {}): { world: World; watcher: Host; watched: Host } {
    const world = new World(5);
    const watched = world.add('10.0.0.1', { eventPackages, ...options });
    return { world, watched, watcher: world.add('10.0.0.2') };
  }

  it('[SUB-40] keep a subscription over a bad line for a day, and end it without a trace', () => {
    const { world, watcher, watched } = pair();
    Object.assign(world.network, { loss: 0.2, duplication: 0.2, delayMaxMs: 700 });
    watched.onEvent = (event) => {
      if (event.type !== 'subscribe') return;
      const { subscriptionId } = event;
      watched.do((stack, now) =>
        stack.subscriptions.accept({ subscriptionId, content: { dialogs: [] } }, now),
      );
    };
    const names = { uri: 'sip:x@10.0.0.1', from: 'sip:w@x.test', to: 'sip:x@x.test', expiresSeconds: 600 };
    watcher.do((stack, now) =>
      stack.subscriptions.subscribe(
        { subscriptionId: 's', package: 'dialog', flow: watcher.flowTo(watched), ...names },
        now,
      ),
    );
    world.pass(86_400_000);
    expect(watcher.of('subscription-ended')).toEqual([]);
    expect(watcher.of('notification').length).toBeGreaterThan(140);
    const versions = watcher
      .of('notification')
      .map((event) => parseDialogInfo(event.body ?? '')?.version ?? -1);
    expect(versions.every((version, i) => i === 0 || version > (versions[i - 1] ?? 0))).toBe(true);
    watcher.do((stack, now) => stack.subscriptions.unsubscribe({ subscriptionId: 's' }, now));
    world.pass(700_000);
    expect(watched.of('subscription-ended')).toHaveLength(1);
    expect(world.hosts.every((host) => isIdle(host.stack))).toBe(true);
  });
});
