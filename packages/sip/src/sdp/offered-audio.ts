import { readAudio } from './audio.ts';
import type { AudioFormat } from './formats.ts';
import { parseSdp } from './parse.ts';
import { isRtpProfile, keyingOf } from './security.ts';

/** One audio stream of a description, looked at before anything is negotiated. */
export type OfferedAudio = {
  /** Place among the `m=` lines, from 0. */
  index: number;
  protocol: string;
  /** Where the keys come from; `dtls` with `hasIce` is a browser. */
  keying: 'none' | 'sdes' | 'dtls';
  hasIce: boolean;
  /** Another one than before restarts ICE (RFC 8839 §4.4.1.1.1). */
  iceUfrag: string | undefined;
  /** In the peer's order, comfort noise and telephone events included. */
  formats: AudioFormat[];
};

/**
 * The audio streams that a description offers over RTP, to choose what to answer with: another kind of leg for a browser,
 * the codec that the other party of the call speaks. Empty when it cannot be read.
 */
export function offeredAudio(description: Uint8Array | string): OfferedAudio[] {
  const parsed = parseSdp(description);
  if (!parsed.ok) return [];
  const { sdp } = parsed;
  return sdp.media.flatMap((media, index) => {
    if (media.kind !== 'audio' || media.port === 0 || !isRtpProfile(media.protocol)) return [];
    const section = readAudio(sdp, media);
    if (section === undefined) return [];
    const { protocol } = media;
    const iceUfrag = section.dtls?.iceUfrag;
    const hasIce = iceUfrag !== undefined;
    return [
      { index, protocol, keying: keyingOf(protocol, section), hasIce, iceUfrag, formats: section.formats },
    ];
  });
}
