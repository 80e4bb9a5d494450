export { MediaClient, type MediaClientOptions, type MediaConnectionEvents, MediaError } from './client.ts';
export type * from './protocol.ts';
export {
  type MediaNode,
  MediaSupervisor,
  type MediaSupervisorEvents,
  type MediaSupervisorOptions,
} from './supervisor.ts';
export { readWaveform, type Waveform } from './waveform.ts';
export { recoverRecording } from './process/recover.ts';
