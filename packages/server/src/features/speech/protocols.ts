import type { PromptLanguage, SpeechProvider } from '@crosspoint/contracts';
import { SpeechProviderError, type SpeechProtocol } from './door.ts';

const locales: Readonly<Record<PromptLanguage, string>> = { en: 'en-US', es: 'es-ES', cs: 'cs-CZ' };

const between = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, value));

/** An address without the / at its end. */
const at = (address: string, usual: string): string => (address === '' ? usual : address).replace(/\/+$/, '');

const asItIs = (answer: Buffer): Buffer => answer;

/** `POST /audio/speech` of the OpenAI API, which many servers of one's own have too. */
const openai: SpeechProtocol = {
  request: ({ address, model, voices, key }, { text, language, pacePercent }) => ({
    url: `${at(address, 'https://api.openai.com/v1')}/audio/speech`,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: model === '' ? 'gpt-4o-mini-tts' : model,
      input: text,
      voice: voices[language] === '' ? 'alloy' : voices[language],
      response_format: 'wav',
      speed: pacePercent / 100,
    }),
  }),
  soundOf: asItIs,
};

/** `text:synthesize` of Google Cloud Text-to-Speech, version 1. */
const google: SpeechProtocol = {
  request: ({ address, voices, key }, { text, language, pacePercent }) => {
    const name = voices[language];
    // The name of a voice begins with its locale: cs-CZ-Wavenet-A.
    const languageCode = name === '' ? locales[language] : name.split('-').slice(0, 2).join('-');
    return {
      url: `${at(address, 'https://texttospeech.googleapis.com/v1')}/text:synthesize`,
      headers: { 'x-goog-api-key': key, 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({
        input: { text },
        voice: { languageCode, ...(name === '' ? {} : { name }) },
        audioConfig: {
          audioEncoding: 'LINEAR16',
          sampleRateHertz: 16_000,
          speakingRate: between(pacePercent / 100, 0.25, 2),
        },
      }),
    };
  },
  soundOf: (answer) => {
    const { audioContent } = jsonOf(answer);
    if (typeof audioContent !== 'string') throw new SpeechProviderError('no-sound', 'no audioContent');
    return Buffer.from(audioContent, 'base64');
  },
};

const azureVoices: Readonly<Record<PromptLanguage, string>> = {
  en: 'en-US-JennyNeural',
  es: 'es-ES-ElviraNeural',
  cs: 'cs-CZ-VlastaNeural',
};

/** The text-to-speech REST API of Azure AI Speech, with SSML. */
const azure: SpeechProtocol = {
  request: ({ address, region, voices, key }, { text, language, pacePercent }) => {
    const voice = voices[language] === '' ? azureVoices[language] : voices[language];
    const rate = `${pacePercent < 100 ? '' : '+'}${pacePercent - 100}%`;
    return {
      url: `${at(address, `https://${region}.tts.speech.microsoft.com`)}/cognitiveservices/v1`,
      headers: {
        'ocp-apim-subscription-key': key,
        'content-type': 'application/ssml+xml',
        'x-microsoft-outputformat': 'riff-16khz-16bit-mono-pcm',
        'user-agent': 'crosspoint',
      },
      body:
        `<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="${locales[language]}">` +
        `<voice name="${escaped(voice)}"><prosody rate="${rate}">${escaped(text)}</prosody></voice></speak>`,
    };
  },
  soundOf: asItIs,
};

/** `POST /v1/text-to-speech/{voice}` of ElevenLabs. */
const elevenlabs: SpeechProtocol = {
  request: ({ address, model, voices, key }, { text, language, pacePercent }) => {
    const voice = voices[language];
    if (voice === '') throw new SpeechProviderError('request-refused', `no voice for ${language}`);
    const query = 'output_format=mp3_44100_128';
    return {
      url: `${at(address, 'https://api.elevenlabs.io/v1')}/text-to-speech/${encodeURIComponent(voice)}?${query}`,
      headers: { 'xi-api-key': key, 'content-type': 'application/json', accept: 'audio/mpeg' },
      body: JSON.stringify({
        text,
        model_id: model === '' ? 'eleven_multilingual_v2' : model,
        voice_settings: { speed: between(pacePercent / 100, 0.7, 1.2) },
      }),
    };
  },
  soundOf: asItIs,
};

export const protocols: Readonly<Record<Exclude<SpeechProvider, 'offline'>, SpeechProtocol>> = {
  openai,
  google,
  azure,
  elevenlabs,
};

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

function jsonOf(answer: Buffer): Record<string, unknown> {
  try {
    return Object(JSON.parse(answer.toString('utf8'))) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) throw new SpeechProviderError('no-sound', 'no JSON');
    throw error;
  }
}
