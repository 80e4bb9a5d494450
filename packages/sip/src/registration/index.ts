export { RegistrationClient } from './client.ts';
export type * from './types.ts';
