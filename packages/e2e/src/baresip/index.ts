export { BaresipPhone, type BaresipOptions } from './phone.ts';
export { withoutEvents } from './without-events.ts';
