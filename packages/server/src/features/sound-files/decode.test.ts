import { levelDbm0, parseWavHeader, writeWavHeader } from '@crosspoint/media';
import { describe, expect, test } from 'vitest';
import { createMp3Encoder } from 'wasm-media-encoders';
import { decodePrompt, promptRateHz, requireWhole } from './decode.ts';
import { withHeader } from './upload.ts';

/** A second of a tone at 44,100 Hz in stereo, as loud as is said. */
function stereo(amplitude: number, seconds = 1): Float32Array {
  return Float32Array.from(
    { length: 44_100 * seconds },
    (_, at) => amplitude * Math.sin((2 * Math.PI * 600 * at) / 44_100),
  );
}

function wav(channel: Float32Array): Buffer {
  const file = Buffer.alloc(44 + channel.length * 4);
  writeWavHeader(file, { encoding: 'pcm16', channels: 2, rateHz: 44_100 }, channel.length * 4);
  channel.forEach((sample, at) => {
    file.writeInt16LE(Math.round(sample * 32_767), 44 + at * 4);
    file.writeInt16LE(Math.round(sample * 32_767), 46 + at * 4);
  });
  return file;
}

function samplesOf(file: Uint8Array): Int16Array {
  return new Int16Array(file.slice(44).buffer);
}

describe('uploaded recordings', () => {
  test('[IVR-04] a WAV file that ends before its header says is refused, unless its header knows nothing of the end', () => {
    const whole = wav(stereo(0.5));
    const half = Buffer.from(whole.subarray(0, whole.length / 2));
    expect(() => requireWhole(whole)).not.toThrow();
    expect(() => requireWhole(half)).toThrow('ends before its sound does');
    for (const unknown of [0, 0x7fff_f000, 0xffff_ffff]) {
      half.writeUInt32LE(unknown, 40);
      expect(() => requireWhole(half)).not.toThrow();
    }
    expect(() => requireWhole(Buffer.from('ID3'))).not.toThrow();
  });

  test.each([0.05, 0.9])(
    '[IVR-04] a tone of amplitude %d comes out at one loudness and rate',
    async (amplitude) => {
      const { wav: file, durationSeconds } = await decodePrompt(wav(stereo(amplitude)));
      expect(parseWavHeader(file)).toMatchObject({ encoding: 'pcm16', channels: 1, rateHz: promptRateHz });
      expect(durationSeconds).toBeCloseTo(1, 2);
      expect(levelDbm0(samplesOf(file), 800, 7_200)).toBeCloseTo(-20, 0);
    },
  );

  test('[IVR-04] silence stays silence, and a peak is never clipped', async () => {
    const quiet = await decodePrompt(wav(new Float32Array(44_100)));
    expect(quiet.gainDb).toBe(0);
    const spoken = stereo(0.003);
    spoken[20_000] = 0.99;
    const { wav: file } = await decodePrompt(wav(spoken));
    expect(Math.max(...samplesOf(file).map(Math.abs))).toBeLessThan(32_767);
  });

  test('[IVR-04] G.711 in WAV and MP3 are read', async () => {
    const ulaw = Buffer.alloc(44 + 8_000, 0xff);
    writeWavHeader(ulaw, { encoding: 'ulaw', channels: 1, rateHz: 8_000 }, 8_000);
    expect((await decodePrompt(ulaw)).durationSeconds).toBeCloseTo(1, 2);
    const encoder = await createMp3Encoder();
    encoder.configure({ sampleRate: 44_100, channels: 1, bitrate: 64 });
    const mp3 = Buffer.concat([Buffer.from(encoder.encode([stereo(0.5)])), Buffer.from(encoder.finalize())]);
    const { durationSeconds, wav: file } = await decodePrompt(mp3);
    expect(durationSeconds).toBeGreaterThan(0.95);
    expect(levelDbm0(samplesOf(file), 1_600, 6_400)).toBeCloseTo(-20, 0);
  });

  test('[IVR-04] bare G.711 is told by its type, but what tells itself what it is is read as that', async () => {
    const sound = Buffer.alloc(8_000, 0xff);
    expect((await decodePrompt(withHeader(sound, 'audio/PCMU'))).durationSeconds).toBeCloseTo(1, 2);
    const inWav = wav(stereo(0.5));
    expect(withHeader(inWav, 'audio/PCMA')).toBe(inWav);
    // Many call the AU format, whose samples may have 16 bits, by the type of bare G.711.
    const au = Buffer.concat([Buffer.from('.snd'), Buffer.alloc(20, 1), sound]);
    await expect(decodePrompt(withHeader(au, 'audio/basic'))).rejects.toThrow('neither WAV, MP3 nor Ogg');
  });

  test('[IVR-04] whoever claims thousands of channels is refused before anything is decoded', async () => {
    const claiming = (channels: number) => {
      const file = wav(stereo(0.5));
      file.writeUInt16LE(channels, 22);
      return decodePrompt(file);
    };
    await expect(claiming(65_535)).rejects.toThrow('65535 channels');
    await expect(claiming(33)).rejects.toThrow('33 channels');
    expect((await claiming(2)).durationSeconds).toBeCloseTo(1, 2);
    await expect(claiming(0)).rejects.toThrow('no sound');
  });

  test.each([
    ['no sound at all', Buffer.from('<html>'), 'neither WAV, MP3 nor Ogg'],
    ['a header and nothing else', wav(new Float32Array(0)), 'no sound'],
    ['rubbish behind a header', Buffer.concat([Buffer.from('OggS'), Buffer.alloc(2_000, 7)]), ''],
  ])('[IVR-04] %s is refused', async (_title, file, reason) => {
    await expect(decodePrompt(file)).rejects.toThrow(reason);
  });
});
