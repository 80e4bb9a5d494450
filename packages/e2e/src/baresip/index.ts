export { BaresipPhone, type BaresipOptions } from './phone.ts';
