export { packetTimeFor } from './choice.ts';
export { Concealment } from './concealment.ts';
export { g722 } from './g722.ts';
export { createOpus } from './opus.ts';
export { formatOpusFormat, type OpusFormat, opusPayloadMs, parseOpusFormat } from './opus-payload.ts';
export { pcma, pcmu } from './pcmu-pcma.ts';
export * from './port.ts';
