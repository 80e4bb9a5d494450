export { JitterBuffer } from './jitter-buffer.ts';
export * from './port.ts';
