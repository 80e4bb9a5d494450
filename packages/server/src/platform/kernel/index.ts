/** System calls that Node does not offer, or offers at a price that a packet cannot pay. Loads `koffi`: to be imported where it is needed only. */
export {
  addressOf,
  type FileSystemSync,
  lastErrno,
  type LibC,
  loadLibC,
  type MappedMemory,
  mapMemory,
  PinnedBytes,
} from './libc.ts';
export * from './linux.ts';
export { SocketAddresses } from './socket-addresses.ts';
