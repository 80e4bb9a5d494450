export { RateConverter } from './rate-converter.ts';
