import { encodeToAlaw, encodeToUlaw } from '@crosspoint/media';

/** Sound ready to send: encoded once, shared by every leg that hears it. Both arrays have the same length. */
export interface Sound {
  ulaw: Uint8Array;
  alaw: Uint8Array;
}

/** @param samples 16-bit linear at 8,000 Hz */
export function encode(samples: Int16Array): Sound {
  return { ulaw: encodeToUlaw(samples), alaw: encodeToAlaw(samples) };
}
