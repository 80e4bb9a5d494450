import { DtmfGenerator, encodeToUlaw } from '@crosspoint/media';
import { expect } from 'vitest';
import { type ContractTest, refusal } from './contract.ts';

/** What a leg says, listened to: what every packet path must do. */
export function contractListening(test: ContractTest): void {
  test('[MED-30] tells speech from silence, also where the silence is not sent', async (world) => {
    const caller = await world.leg('caller');
    caller.speak(300);
    await world.client.once('rtp-started');
    const begun = world.client.once('speech-changed', ({ state }) => state === 'speech');
    const over = world.client.once('speech-changed', ({ state }) => state === 'silence');
    await world.client.listen({ legId: 'caller', speech: { hangoverMs: 200 } });
    expect((await begun).atMs).toBeLessThan(150);
    caller.silent();
    expect((await over).atMs).toBeGreaterThan(0);
    await world.client.stopListening('caller');
  });

  for (const codec of ['PCMA', 'G722', 'opus'] as const) {
    test(`[MED-31] finds an answering machine on ${codec} by its beep, and says when a message may be left`, async (world) => {
      const callee = await world.leg('callee', codec);
      await world.client.listen({ legId: 'callee', answeringMachine: {} });
      const verdict = world.client.once('answered-by');
      const ready = world.client.once('message-ready');
      // A beep of 0.4 s.
      callee.speakSamples((at) => (at < 3_200 ? 8_000 * Math.sin((2 * Math.PI * 1_400 * at) / 8_000) : 0));
      expect(await verdict).toMatchObject({ legId: 'callee', verdict: 'machine', reason: 'beep' });
      expect(await ready).toMatchObject({ legId: 'callee', reason: 'beep' });
    });
  }

  test('[MED-32] takes silence for unknown, though no packet comes', async (world) => {
    await world.leg('callee');
    const verdict = world.client.once('answered-by');
    await world.client.listen({ legId: 'callee', answeringMachine: { initialSilenceMaxMs: 500 } });
    expect(await verdict).toMatchObject({ verdict: 'unknown', reason: 'initial-silence' });
  });

  test('[MED-33] names a tone, and refuses what it cannot listen for', async (world) => {
    const fax = await world.leg('fax');
    fax.speak(2_100);
    const tone = world.client.once('tone');
    await world.client.listen({ legId: 'fax', tones: ['fax-answer'] });
    expect(await tone).toMatchObject({ legId: 'fax', tone: 'fax-answer', frequencyHz: 2_100 });
    expect(await refusal(world.client.listen({ legId: 'fax' }))).toBe('invalid-request');
    expect(await refusal(world.client.listen({ legId: 'fax', speech: { onsetMs: 5_000 } }))).toBe(
      'invalid-request',
    );
    expect(await refusal(world.client.listen({ legId: 'nobody', tones: ['beep'] }))).toBe('unknown-leg');
  });

  test('[MED-35] hands on what a leg says, in order and to its true time, to who asked for it alone', async (world) => {
    const caller = await world.leg('caller');
    const other = await world.leg('other');
    const chunks: { legId: string; atMs: number; sound: string }[] = [];
    const off = world.client.on('sound-heard', (chunk) => chunks.push(chunk));
    await world.client.listen({ legId: 'caller', sound: true });
    caller.speakSamples((at) => 8_000 * Math.sin((2 * Math.PI * 400 * at) / 8_000));
    other.speak(700);
    await world.client.once('sound-heard', ({ atMs }) => atMs >= 500);
    off();
    await world.client.stopListening('caller');
    expect(chunks.slice(0, 5).map(({ legId, atMs }) => [legId, atMs])).toEqual(
      [0, 100, 200, 300, 400].map((atMs) => ['caller', atMs]),
    );
    const samples = new Int16Array(new Uint8Array(Buffer.from(chunks[4]?.sound ?? '', 'base64')).buffer);
    expect(samples).toHaveLength(800);
    expect(Math.max(...samples)).toBeGreaterThan(7_000);
  });

  test('[MED-34] reports a digit in the sound though nothing is sent behind it', async (world) => {
    const caller = await world.leg('caller');
    const digit = world.client.once('digit');
    const sound = digitSound();
    for (let at = 0; at < sound.length; at += 160)
      caller.sendSound(encodeToUlaw(sound.subarray(at, at + 160)));
    expect(await digit).toMatchObject({ legId: 'caller', digit: '5' });
  });

  test('[MED-36] reports a digit in the sound of G.722 while others listen too, and nothing when events are agreed', async (world) => {
    const caller = await world.leg('caller', 'G722');
    const other = await world.leg('other', 'G722', { telephoneEventPayloadType: 101 });
    const digits: string[] = [];
    const off = world.client.on('digit', ({ legId }) => digits.push(legId));
    const speech = world.client.once('speech-changed', ({ legId }) => legId === 'other');
    const digit = world.client.once('digit');
    await world.client.listen({ legId: 'other', speech: {} });
    const sound = digitSound();
    for (const phone of [other, caller]) phone.speakSamples((at) => sound[at] ?? 0);
    await speech;
    expect(await digit).toMatchObject({ legId: 'caller', digit: '5' });
    off();
    expect(digits).toEqual(['caller']);
  });
}

/** A 5 of 100 ms. */
function digitSound(): Int16Array {
  const sound = new Int16Array(800);
  new DtmfGenerator('5', { durationMs: 100 }).fill(sound);
  return sound;
}
