import type { AgentId, LegId } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';
import type { Binding, Flow, SipEvent } from '@crosspoint/sip';
import type { Carrier, CarrierEvents, DialCommand, LegMedia, LegReport } from '../door.ts';
import { digitOfInfo } from './audio.ts';
import { type SipLeg, SipLegs } from './leg.ts';
import { LegSound, type SoundAnswer } from './leg-sound.ts';
import type { SipShell } from './shell.ts';

export interface SipCarrierContext {
  shell: SipShell;
  media: LegMedia;
  events: CarrierEvents;
  /** Where the agent's device can be called now, best first; undefined when it is not registered. */
  bindingOf: (agentId: AgentId) => Binding | undefined;
  /** Address that SIP listens on; sound goes through addresses of the same interfaces. */
  bindAddress: string;
  publicAddress: string | undefined;
  /** Writes a refusal to the log. */
  log: (what: string, detail: string) => void;
}

/** The legs of native SIP: commands from the centre become SIP, SIP events become reports. */
export class SipCarrier implements Carrier {
  readonly name = 'sip';
  readonly legs = new SipLegs();
  readonly #context: SipCarrierContext;

  constructor(context: SipCarrierContext) {
    this.#context = context;
  }

  // ---------------------------------------------------------------- commands of the centre

  answer(legId: LegId): void {
    const leg = this.legs.byLeg(legId);
    if (leg?.state !== 'ringing' || leg.role !== 'caller' || leg.localDescription === undefined) return;
    leg.state = 'answering';
    const { sessionId, localDescription: body } = leg;
    this.#context.shell.run((stack, now) => stack.accept({ sessionId, body }, now));
  }

  reject(legId: LegId, code: number, reason: string): void {
    const leg = this.legs.byLeg(legId);
    if (leg === undefined) return;
    this.#forget(leg);
    const { sessionId } = leg;
    const headers = code === 503 || code === 486 ? [['Retry-After', '30'] as const] : [];
    this.#context.shell.run((stack, now) => stack.reject({ sessionId, status: code, reason, headers }, now));
  }

  dial(command: DialCommand): void {
    const leg = this.#newLeg(command, 'callee');
    this.legs.add(leg);
    const binding = this.#context.bindingOf(command.agentId);
    if (binding === undefined) {
      // Reported in a later turn, so that the centre has stored its own effects first.
      queueMicrotask(() => this.#fail(leg, { code: 480, reason: 'device-not-registered', by: 'local' }));
      return;
    }
    this.#openSound(leg, binding.flow, undefined).then(
      () => this.#sendInvite(leg, command, binding),
      (error: Error) => this.#fail(leg, { code: 503, reason: `no-media: ${error.message}`, by: 'local' }),
    );
  }

  hangup(legId: LegId, code: number, reason: string): void {
    const leg = this.legs.byLeg(legId);
    if (leg === undefined || leg.hangup !== undefined) return;
    leg.hangup = { code, reason, by: 'local' };
    if (leg.sessionId === '') return; // The socket is still being opened; the INVITE will not be sent.
    const { sessionId } = leg;
    if (leg.role === 'caller' && leg.state === 'ringing') {
      this.#context.shell.run((stack, now) => stack.reject({ sessionId, status: code }, now));
      this.#fail(leg, leg.hangup);
      return;
    }
    // RFC 3326: keeps a phone that lost a ring-all race from showing a missed call.
    const elsewhere = reason === 'rescinded' && leg.state !== 'up';
    const reasonHeader = elsewhere ? 'SIP;cause=200;text="Call completed elsewhere"' : undefined;
    this.#context.shell.run((stack, now) => stack.bye({ sessionId, reasonHeader }, now));
  }

  /** The device of this leg does not answer any more: the leg is over now, whatever becomes of our BYE. */
  vanish(legId: LegId): void {
    const leg = this.legs.byLeg(legId);
    if (leg === undefined) return;
    const { sessionId } = leg;
    this.#fail(leg, { code: 408, reason: 'vanished', by: 'timeout' });
    this.#context.shell.run((stack, now) => stack.bye({ sessionId }, now));
  }

  carrierIdOf(legId: LegId): string | undefined {
    return this.legs.byLeg(legId)?.callId;
  }

  // ---------------------------------------------------------------- what the network did

  /** A new call was let in by the shell: opens its socket, checks its offer, and presents it to the centre. */
  async present(
    event: Extract<SipEvent, { type: 'invite' }>,
    call: Parameters<CarrierEvents['incoming']>[0],
  ): Promise<void> {
    const leg = this.#newLeg(call, 'caller');
    leg.callId = event.callId;
    this.legs.add(leg);
    this.legs.nameSession(leg, event.sessionId);
    const refuse = (status: number, reason?: string, headers: [string, string][] = []) => {
      this.#forget(leg);
      this.#context.shell.run((stack, now) =>
        stack.reject({ sessionId: event.sessionId, status, reason, headers }, now),
      );
    };
    try {
      await this.#openSound(leg, event.flow, event.body);
    } catch {
      if (this.legs.byLeg(leg.legId) === leg) refuse(503, 'No media port free');
      return;
    }
    if (this.legs.byLeg(leg.legId) !== leg || leg.sound === undefined) return; // The caller gave up meanwhile.
    if (event.body === undefined || event.body.length === 0) {
      leg.localDescription = leg.sound.offer();
    } else {
      const result = leg.sound.answer(event.body);
      if (!result.ok) return refuse(488, undefined, this.#warningOf(result));
      leg.localDescription = result.answer;
    }
    leg.state = 'ringing';
    this.#context.events.incoming(call);
  }

  handle(event: SipEvent): void {
    if (!('sessionId' in event)) return;
    const leg = this.legs.bySession(event.sessionId);
    if (leg === undefined) return;
    switch (event.type) {
      case 'progress':
        if (leg.ringingReported || event.status === 100) return;
        leg.ringingReported = true;
        return this.#report(leg, { type: 'ringing' });
      case 'accepted':
        return this.#calleeAnswered(leg, event.body);
      case 'confirmed':
        return this.#callerConfirmed(leg, event.body);
      case 'rejected':
        return this.#fail(leg, leg.hangup ?? endOfRejection(event));
      case 'cancelled':
        return this.#fail(leg, leg.hangup ?? { code: 487, reason: 'caller-cancelled', by: event.by });
      case 'ended':
        return this.#ended(leg, event);
      case 'reinvite':
        return this.#remoteChange(leg, event.body);
      case 'reinvite-confirmed':
        if (event.body !== undefined) this.#takeAnswer(leg, event.body);
        return;
      case 'info':
        return this.#info(leg, event.contentType, event.body);
      default:
        return;
    }
  }

  // ---------------------------------------------------------------- steps

  #newLeg(of: { legId: LegId; contactId: SipLeg['contactId'] }, role: SipLeg['role']): SipLeg {
    return {
      legId: of.legId,
      contactId: of.contactId,
      role,
      sessionId: '',
      callId: '',
      state: 'allocating',
      sound: undefined,
      localDescription: undefined,
      held: false,
      ringingReported: false,
      hangup: undefined,
    };
  }

  async #openSound(leg: SipLeg, flow: Flow, offer: Uint8Array | undefined): Promise<void> {
    const { media, bindAddress, publicAddress } = this.#context;
    const { contactId, legId } = leg;
    leg.sound = await LegSound.open({
      media,
      contactId,
      legId,
      remoteAddress: flow.remoteAddress,
      bindAddress,
      publicAddress,
      offer,
      // Whoever signals over a WebSocket is a browser.
      isBrowser: flow.protocol === 'ws' || flow.protocol === 'wss',
      srtp: 'off',
    });
    if (leg.state === 'over') media.release(legId);
  }

  #sendInvite(leg: SipLeg, command: DialCommand, binding: Binding): void {
    if (leg.hangup !== undefined) return this.#fail(leg, leg.hangup);
    if (leg.sound === undefined) return;
    const { address } = leg.sound;
    const body = leg.sound.offer();
    const sessionId = `out:${leg.legId}`;
    this.legs.nameSession(leg, sessionId);
    leg.state = 'ringing';
    leg.callId = sessionId;
    const host = address.includes(':') ? `[${address}]` : address;
    const caller = encodeURIComponent(command.callerPhone).replace('%2B', '+');
    const name = displayName(command.callerName || command.callerPhone, command.queueName);
    const result = this.#context.shell.run((stack, now) =>
      stack.invite(
        {
          sessionId,
          uri: binding.contact,
          flow: binding.flow,
          from: `"${name}" <sip:${caller === '' ? 'anonymous' : caller}@${host}>`,
          to: `<${binding.aor}>`,
          route: binding.path ?? [],
          headers: [['X-Crosspoint-Contact', command.contactId]],
          body,
        },
        now,
      ),
    );
    if (!result.ok) this.#fail(leg, { code: 500, reason: result.detail, by: 'local' });
  }

  #calleeAnswered(leg: SipLeg, body: Uint8Array | undefined): void {
    if (leg.hangup !== undefined) return; // The answer crossed our CANCEL; the stack hangs it up.
    if (body === undefined || !this.#takeAnswer(leg, body)) {
      return this.hangup(leg.legId, 488, 'no-codec');
    }
    leg.state = 'up';
    this.#report(leg, { type: 'answered' });
  }

  #callerConfirmed(leg: SipLeg, body: Uint8Array | undefined): void {
    if (leg.state !== 'answering') return;
    if (body !== undefined && leg.sound?.audio === undefined && !this.#takeAnswer(leg, body)) {
      return this.hangup(leg.legId, 488, 'no-codec');
    }
    leg.state = 'up';
    this.#report(leg, { type: 'answered' });
    if (leg.sound?.audio?.heldByRemote === true) this.#noteHold(leg, true);
  }

  #takeAnswer(leg: SipLeg, body: Uint8Array): boolean {
    const problem = leg.sound === undefined ? 'no socket' : leg.sound.acceptAnswer(body);
    if (problem !== undefined) this.#context.log('488', problem);
    return problem === undefined;
  }

  /** Why the sound of that description cannot be sent, which the log then says too. */
  #warningOf({ detail, warning }: Extract<SoundAnswer, { ok: false }>): [string, string][] {
    this.#context.log('488', warning === undefined ? detail : `${detail}: ${warning}`);
    return warning === undefined ? [] : [['Warning', warning]];
  }

  /** Hold, resume, or a new address of the far end (RFC 3264 §8). */
  #remoteChange(leg: SipLeg, body: Uint8Array | undefined): void {
    const { sessionId, sound } = leg;
    if (sound === undefined) return;
    if (body === undefined || body.length === 0) {
      const offer = sound.offer();
      this.#context.shell.run((stack, now) =>
        stack.answerReinvite({ sessionId, status: 200, body: offer }, now),
      );
      return;
    }
    const result = sound.answer(body);
    if (!result.ok) {
      const headers = this.#warningOf(result);
      this.#context.shell.run((stack, now) => stack.answerReinvite({ sessionId, status: 488, headers }, now));
      return;
    }
    this.#context.shell.run((stack, now) =>
      stack.answerReinvite({ sessionId, status: 200, body: result.answer }, now),
    );
    this.#noteHold(leg, result.audio.heldByRemote);
  }

  #noteHold(leg: SipLeg, held: boolean): void {
    if (leg.held === held) return;
    leg.held = held;
    this.#report(leg, { type: held ? 'held' : 'resumed' });
  }

  #info(leg: SipLeg, contentType: string, body: Uint8Array): void {
    const digit = digitOfInfo(contentType, body);
    if (digit !== undefined) this.#report(leg, { type: 'digit', digit });
  }

  #ended(leg: SipLeg, event: Extract<SipEvent, { type: 'ended' }>): void {
    const up = leg.state === 'up';
    const end: LegEnd = leg.hangup ?? {
      code: event.status ?? (event.by === 'remote' ? 200 : 408),
      reason: event.by === 'remote' ? 'hung-up' : event.by,
      by: event.by,
    };
    this.#forget(leg);
    this.#context.events.report(leg.legId, up ? { type: 'ended', end } : { type: 'failed', end });
  }

  #fail(leg: SipLeg, end: LegEnd): void {
    if (leg.state === 'over') return;
    const up = leg.state === 'up';
    this.#forget(leg);
    this.#context.events.report(leg.legId, up ? { type: 'ended', end } : { type: 'failed', end });
  }

  #forget(leg: SipLeg): void {
    this.legs.remove(leg);
    this.#context.media.release(leg.legId);
  }

  #report(leg: SipLeg, report: LegReport): void {
    if (leg.state !== 'over') this.#context.events.report(leg.legId, report);
  }
}

function endOfRejection(event: Extract<SipEvent, { type: 'rejected' }>): LegEnd {
  const by = event.cause === 'timeout' || event.cause === 'transport' ? event.cause : 'remote';
  return { code: event.status, reason: `sip-${event.status}`, by };
}

/** What the agent's device shows: who calls and for which queue; quotes would end the string. */
function displayName(caller: string, queueName: string): string {
  return `${caller} · ${queueName}`.replace(/["\\\r\n]/g, '').slice(0, 80);
}
