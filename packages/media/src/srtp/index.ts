export {
  openSrtp,
  SrtpContext,
  srtpOverheadBytesMax,
  type SrtpRefusal,
  srtpRefusal,
  srtpRefusalName,
} from './context.ts';
export type { AesBlocks, SrtpCrypto } from './crypto-port.ts';
export { deriveSrtpKeys, type SrtpSessionKeys } from './derivation.ts';
export {
  isSrtpProfileName,
  type SrtpProfile,
  type SrtpProfileName,
  srtpMasterBytes,
  srtpMasterFromBase64,
  srtpMasterToBase64,
  srtpProfiles,
} from './profile.ts';
