import {
  ack,
  ackWithAnswer,
  bye,
  infoKey,
  invite,
  inviteWithoutOffer,
  pause,
  provisional,
  receive,
  receiveAnswer,
  receiveChallenge,
  receiveStatus,
  register,
  reinvite,
  respond,
  respondCancelled,
  respondInDialog,
  respondWithHeaders,
  staysThroughReinvites,
  scenario,
  type SippCredentials,
} from './messages.ts';

/** Calls, stays for the given time after the answer, hangs up. */
export const callerHangsUp = scenario(
  'caller hangs up',
  ...[invite(), provisional(), receiveAnswer(), ack(1), pause(), bye(2), receiveStatus(200)],
);

/** Calls and stays until it is hung up. */
export const callerStays = scenario(
  'caller stays',
  ...[invite(), provisional(), receiveAnswer(), ack(1), receive('BYE'), respondInDialog()],
);

/** The same, and takes whatever is described anew meanwhile. */
export const callerStaysThroughReinvites = scenario(
  'caller stays through re-INVITEs',
  ...[invite(), provisional(), receiveAnswer(), ack(1), staysThroughReinvites()],
);

/**
 * Calls as this number, sends these keys by INFO, some each time it is nudged (`Sipp.nudge`), and stays until it is hung up, or hangs
 * up at one nudge more.
 */
export function callerKeys(
  number: string,
  mediaPort: number,
  presses: readonly string[],
  end: 'stays' | 'hangs up',
): string {
  let sequence = 1;
  const pressed = presses.flatMap((keys) => [
    receive(nudgeMethod),
    ...[...keys].flatMap((key) => [infoKey((sequence += 1), key), receiveStatus(200)]),
  ]);
  const ending =
    end === 'stays'
      ? [receive('BYE'), respondInDialog()]
      : [receive(nudgeMethod), bye((sequence += 1)), receiveStatus(200)];
  const steps = [invite(mediaPort), provisional(), receiveAnswer(), ack(1), ...pressed, ...ending];
  return scenario('caller keys', ...steps).replaceAll('sipp[call_number]@', `${number}@`);
}

/** What a test sends to sipp to make it go on. */
export const nudgeMethod = 'NOTIFY';

/** Leaves the offer to the callee (RFC 3264 §5), stays for the given time, hangs up. */
export const callerWithoutOffer = scenario(
  'caller without offer',
  ...[
    inviteWithoutOffer(),
    provisional(),
    receiveAnswer(),
    ackWithAnswer(1),
    pause(),
    bye(2),
    receiveStatus(200),
  ],
);

/** Puts the other side on hold for the given time, takes it back for the same time, hangs up. */
export const callerHolds = scenario(
  'caller holds',
  ...[invite(), provisional(), receiveAnswer(), ack(1), pause()],
  ...[reinvite('sendonly', 2), provisional(), receiveAnswer(), ack(2), pause()],
  ...[reinvite('sendrecv', 3), provisional(), receiveAnswer(), ack(3), pause()],
  ...[bye(4), receiveStatus(200)],
);

/** Is refused with this status. */
export function callerIsRefused(status: number): string {
  return scenario('caller is refused', invite(), provisional(), receiveStatus(status), ack(1));
}

/** Registers its own port as the contact, answering the challenge. */
export function registers(credentials: SippCredentials): string {
  return scenario('registers', register(1), receiveChallenge(), register(2, credentials), receiveStatus(200));
}

/** Rings, answers, stays until it is hung up. */
export const agentAnswers = scenario(
  'agent answers',
  ...[receive('INVITE'), respond(180, 'Ringing'), respond(200, 'OK', true), receive('ACK')],
  ...[receive('BYE'), respondInDialog()],
);

/** Refuses every call. */
export function agentRefuses(status: number, reason: string): string {
  return scenario('agent refuses', receive('INVITE'), respond(status, reason), receive('ACK'));
}

/** Rings and is cancelled. */
export const agentDoesNotAnswer = scenario(
  'agent does not answer',
  ...[
    receive('INVITE'),
    respond(180, 'Ringing'),
    receive('CANCEL'),
    respondInDialog(),
    respondCancelled(),
    receive('ACK'),
  ],
);

/** A provider's registrar: challenges the first REGISTER, and grants the second what it asks for. */
export function providerRegisters(): string {
  return scenario(
    'provider registers',
    receive('REGISTER'),
    respondWithHeaders(401, 'Unauthorized', [
      'WWW-Authenticate: Digest realm="provider.example", nonce="5f7ac9d1", algorithm=MD5, qop="auth"',
    ]),
    receive('REGISTER'),
    respondWithHeaders(200, 'OK', ['[last_Contact:]', 'Expires: 3600']),
  );
}

/** A provider that asks who calls, plays something before the answer, answers, and stays until it is hung up. */
export function providerTakesCalls(): string {
  return scenario(
    'provider takes calls',
    receive('INVITE'),
    respondWithHeaders(407, 'Proxy Authentication Required', [
      'Proxy-Authenticate: Digest realm="provider.example", nonce="a81c37d2", algorithm=MD5, qop="auth"',
    ]),
    receive('ACK'),
    receive('INVITE'),
    respond(183, 'Session Progress', true),
    pause(),
    respond(200, 'OK', true),
    receive('ACK'),
    ...[receive('BYE'), respondInDialog()],
  );
}
