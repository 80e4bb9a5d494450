export * from './client.ts';
export { StreamClient, type StreamMessage } from './stream.ts';
