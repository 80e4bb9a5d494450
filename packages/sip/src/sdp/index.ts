export { parseSdp, type ParseSdpResult } from './parse.ts';
export { writeSdp } from './serialize.ts';
export { SdpSession } from './session.ts';
export type * from './types.ts';
