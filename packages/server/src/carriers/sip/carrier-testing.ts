import type { AgentId, ContactId, LegId } from '@crosspoint/contracts';
import type { InviteEvent } from '@crosspoint/sip';
import type { CarrierEvents, LegMedia, LegReport } from '../door.ts';
import { SipCarrier } from './carrier.ts';
import type { SipLegSnapshot } from './leg-snapshot.ts';
import type { ReplacingCall } from './replacements.ts';
import type { SipShell } from './shell.ts';
import { openTestShell } from './shell-testing.ts';
import type { TestProvider } from './trunk-testing.ts';

export const testSdp =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\n';

/** A carrier for tests that answers every call, with a media plane that only takes notes. */
export interface TestCarrier {
  shell: SipShell;
  carrier: SipCarrier;
  reports: { legId: LegId; report: LegReport }[];
  /** What became of sockets: `open leg-1`, `rename leg-1.r1 leg-1`, `release leg-1`. */
  sockets: string[];
  /** What was kept of legs for the next process. */
  snapshots: SipLegSnapshot[];
}

export interface TestCarrierOptions {
  onReport?: (legId: LegId, report: LegReport, carrier: SipCarrier) => void;
  pickUp?: (legId: LegId, agentId: AgentId, carrier: SipCarrier) => ReturnType<CarrierEvents['pickUp']>;
  /** Whose device sent the INVITE; nobody's by default. */
  agentOf?: (event: InviteEvent) => AgentId | undefined;
}

/** The leg of a call to 100 is `leg-100`, its contact is always `contact`. */
export async function openTestCarrier(options: TestCarrierOptions = {}): Promise<TestCarrier> {
  const reports: TestCarrier['reports'] = [];
  const sockets: string[] = [];
  const snapshots: SipLegSnapshot[] = [];
  const agentOf = (event: InviteEvent) => options.agentOf?.(event);
  const media = {
    allocate: async (_contactId, legId) => {
      sockets.push(`open ${legId}`);
      return { port: 20_000 };
    },
    restartIce: () => Promise.reject(new Error('no ICE')),
    setRemote: () => undefined,
    sendDigit: () => undefined,
    play: () => undefined,
    stopPlaying: () => undefined,
    rename: (from, to) => void sockets.push(`rename ${from} ${to}`),
    codecOf: () => undefined,
    release: (legId) => void sockets.push(`release ${legId}`),
  } satisfies LegMedia;
  const events: CarrierEvents = {
    refusal: () => undefined,
    asksWhoCalls: () => false,
    incoming: () => undefined,
    deviceRefusal: () => undefined,
    customerCalling: () => undefined,
    deviceCalling: () => undefined,
    deviceCall: () => undefined,
    pickUp: async (legId, agentId) => options.pickUp?.(legId, agentId, carrier),
    report: (legId, report) => {
      reports.push({ legId, report });
      options.onReport?.(legId, report, carrier);
    },
  };
  const shell: SipShell = await openTestShell({
    stack: { refer: 'calls', replaces: true },
    onEvent: (event) => {
      if (event.type !== 'invite') return carrier.handle(event);
      const agentId = agentOf(event);
      if (event.replaces !== undefined) {
        const call = { event: event as ReplacingCall['event'], agentId, trunkId: undefined };
        return void carrier.replace({ ...call, srtp: 'off' });
      }
      const legId = `leg-${event.uri.user}` as LegId;
      const take = () => carrier.answer(legId);
      const of = { legId, contactId: 'contact' as ContactId, agentId };
      void carrier.present(event, of, { take, srtp: 'off' });
    },
  });
  const carrier: SipCarrier = new SipCarrier({
    shell,
    media,
    events,
    toAgent: () => Promise.reject(new Error('no agent')),
    toBrowser: () => ({ stages: [] }),
    flowOfBrowser: () => undefined,
    toNumber: () => Promise.reject(new Error('no number')),
    devicesSilent: () => undefined,
    bindAddress: '127.0.0.1',
    publicAddress: undefined,
    changed: (snapshot) => void snapshots.push(snapshot),
    countAgain: () => () => () => undefined,
    log: () => undefined,
  });
  return { shell, carrier, reports, sockets, snapshots };
}

/** The phone calls that number; further arguments go into the INVITE. */
export function callFrom(
  phone: TestProvider,
  to: SipShell,
  number: string,
  more: Partial<Parameters<SipShell['stack']['invite']>[0]> = {},
): void {
  const flow = {
    protocol: 'udp',
    localAddress: '127.0.0.1',
    localPort: phone.port,
    remoteAddress: '127.0.0.1',
    remotePort: to.transport.port,
  } as const;
  const uri = `sip:${number}@127.0.0.1`;
  const command = { sessionId: number, uri, flow, from: 'sip:phone@127.0.0.1', to: uri, body: testSdp };
  phone.shell.run((stack, now) => stack.invite({ ...command, ...more }, now));
}
