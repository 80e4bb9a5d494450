export { createCallbackBook } from './book.ts';
export type { CallbackBook, CallbackEffect, CallbackInput, CallbackRecord, NewCallback } from './door.ts';
