import { expect, onTestFinished, test, vi } from 'vitest';
import { Ear, isSilence, isTone } from './ear.ts';
import { PhoneHost } from './host.ts';
import { Pacer } from './pacer.ts';
import { Phone, type PhoneOptions } from './phone.ts';
import { copiesToSend } from './impairment.ts';
import { synthesizeTone } from '@crosspoint/media';

async function host(): Promise<PhoneHost> {
  const opened = await PhoneHost.open();
  onTestFinished(() => opened.close());
  return opened;
}

/** Two phones that know each other's address; no server is between them. */
async function twoPhones(options: Partial<PhoneOptions> = {}) {
  const [left, right] = [await host(), await host()];
  const caller = new Phone({ host: left, server: right.local, username: 'caller', says: 400, ...options });
  const callee = new Phone({ host: right, server: left.local, username: 'callee', says: 700, ...options });
  return { caller, callee };
}

async function talking(options: Partial<PhoneOptions> = {}) {
  const phones = await twoPhones(options);
  const outgoing = await phones.caller.call('callee');
  const incoming = await phones.callee.nextCall();
  await outgoing.ringing();
  incoming.answer();
  await Promise.all([outgoing.answered(), incoming.answered()]);
  return { ...phones, outgoing, incoming };
}

test('[CAR-01] two phones call each other and hear each other', async () => {
  const { outgoing, incoming } = await talking();
  await Promise.all([outgoing.sound.ear.hears(700), incoming.sound.ear.hears(400)]);
  outgoing.hangUp();
  expect(await incoming.ended()).toMatchObject({ by: 'remote', status: 200 });
  expect(await outgoing.ended()).toMatchObject({ by: 'local' });
});

test('[CAR-01] a phone refuses, and the caller learns the status', async () => {
  const { caller, callee } = await twoPhones();
  const outgoing = await caller.call('callee');
  (await callee.nextCall()).reject(486);
  expect(await outgoing.ended()).toMatchObject({ by: 'remote', status: 486 });
  await expect(outgoing.answered()).rejects.toThrow('486');
});

test('[CAR-01] a caller who gives up ends the ringing', async () => {
  const { caller, callee } = await twoPhones();
  const outgoing = await caller.call('callee');
  const incoming = await callee.nextCall();
  outgoing.hangUp();
  expect(await incoming.ended()).toMatchObject({ by: 'remote', status: 487 });
});

test('[CAR-01] nobody lives at an unknown number, and a codec nobody has is refused', async () => {
  const { caller } = await twoPhones();
  expect(await (await caller.call('nobody')).ended()).toMatchObject({ status: 404 });
  const other = await twoPhones();
  other.caller.options.codecs = ['G729'];
  expect(await (await other.caller.call('callee')).ended()).toMatchObject({ status: 488 });
});

test('[CTL-01] hold is seen by the other side, and resume brings the sound back', async () => {
  const { outgoing, incoming } = await talking();
  await outgoing.hold();
  expect(incoming.heldByRemote).toBe(true);
  await outgoing.resume();
  expect(incoming.heldByRemote).toBe(false);
  await incoming.sound.ear.hears(400);
});

test('[CAR-02] digits arrive as RFC 4733 events and as SIP INFO', async () => {
  const { outgoing, incoming } = await talking();
  outgoing.sound.sendDigits('12#');
  incoming.sendInfoDigit('7');
  await incoming.sound.digit((digits) => digits.length >= 3);
  expect(incoming.sound.digits).toBe('12#');
  await outgoing.sound.ear.hears(700);
  expect(outgoing.infoDigits).toBe('7');
});

test('[CAR-01] a phone that vanished answers nothing', async () => {
  const { caller, callee } = await twoPhones();
  callee.options.host.vanish();
  const outgoing = await caller.call('callee');
  await expect(outgoing.ringing(700)).rejects.toThrow('Waited 700 ms');
  expect(callee.callsWaiting).toBe(0);
});

test('[CAR-01] a lossy network delays a call and does not prevent it', async () => {
  const { caller, callee } = await twoPhones();
  for (const phone of [caller, callee])
    phone.options.host.impairment = { dropRatio: 0.2, duplicateRatio: 0.2 };
  const outgoing = await caller.call('callee');
  const incoming = await callee.nextCall();
  incoming.answer();
  await outgoing.answered();
  outgoing.hangUp();
  await incoming.ended();
});

test('[CAR-02] loss and repetition happen in the share asked for', () => {
  const draws = (values: number[]) => () => values.shift() ?? 0.99;
  expect(copiesToSend({ dropRatio: 0.5, duplicateRatio: 0 }, draws([0.49]))).toBe(0);
  expect(copiesToSend({ dropRatio: 0.5, duplicateRatio: 0 }, draws([0.5]))).toBe(1);
  expect(copiesToSend({ dropRatio: 0, duplicateRatio: 0.5 }, draws([0.49]))).toBe(2);
});

test('[CAR-02] an ear tells a tone from another, from silence and from two tones together', () => {
  const window = (...frequenciesHz: number[]) =>
    synthesizeTone({ frequenciesHz, levelDbm0: -10, onMs: 20 }).subarray(0, 160);
  expect(isTone(window(700), 700)).toBe(true);
  expect(isTone(window(700), 750)).toBe(false);
  expect(isTone(window(700, 400), 700)).toBe(false);
  expect(isSilence(new Int16Array(160))).toBe(true);
  expect(isTone(new Int16Array(160), 700)).toBe(false);
});

test('[CAR-02] an ear keeps what it heard up to its limit, and counts only unbroken sound', async () => {
  const ear = new Ear(0.06);
  const tone = synthesizeTone({ frequenciesHz: [700], levelDbm0: -10, onMs: 20 });
  const heard = ear.hears(700, { forMs: 60, timeoutMs: 1_000 });
  let resolved = false;
  void heard.then(() => {
    resolved = true;
  });
  for (const window of [tone, tone, new Int16Array(160), tone, tone]) ear.hear(window);
  await Promise.resolve();
  expect(resolved).toBe(false);
  ear.hear(tone);
  await heard;
  expect(ear.recording).toHaveLength(480);
});

test('[CAR-02] a pacer calls its members 50 times a second and rests without members', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const pacer = new Pacer();
  let ticks = 0;
  const member = (): void => void (ticks += 1);
  pacer.add(member);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(ticks).toBe(100);
  pacer.remove(member);
  expect(vi.getTimerCount()).toBe(0);
});
