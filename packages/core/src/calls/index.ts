export { createContact } from './contact.ts';
export type * from './door.ts';
