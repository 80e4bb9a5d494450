export { StreamReceiver, type StreamReceiverOptions } from './stream-receiver.ts';
export { StreamSender, type StreamSenderOptions } from './stream-sender.ts';
export { directTable, meetingRates, Transcoder, type TranscoderOptions } from './transcoder.ts';
