export type * from './door.ts';
export { TollFraudGuard } from './guard.ts';
