export { flood } from './flood.ts';
export { besiege, type SiegeFigures } from './siege.ts';
export { freshAddress, type RequestParts, statusOf, Stranger } from './stranger.ts';
