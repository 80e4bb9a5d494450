export { keyBytes, type CryptoKey, type CryptoSuite, type NegotiatedSrtp } from './crypto.ts';
export type { DtlsDescription, DtlsSetup, Fingerprint, LocalDtls } from './dtls.ts';
export type { AudioFormat } from './formats.ts';
export { offeredAudio, type OfferedAudio } from './offered-audio.ts';
export { parseSdp, type ParseSdpResult } from './parse.ts';
export { writeSdp } from './serialize.ts';
export { SdpSession, type SdpSessionSnapshot } from './session.ts';
export type * from './negotiation-types.ts';
export type * from './types.ts';
