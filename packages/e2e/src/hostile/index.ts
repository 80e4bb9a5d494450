export { flood } from './flood.ts';
export { type RequestParts, statusOf, Stranger } from './stranger.ts';
