export { MediaClient, type MediaClientOptions, type MediaConnectionEvents, MediaError } from './client.ts';
export type * from './protocol.ts';
