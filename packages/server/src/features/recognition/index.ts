export type { OpenSocket } from './deepgram.ts';
export type { Recogniser } from './door.ts';
export { LegEar, type LegEarEvents } from './leg-ear.ts';
export { type RecognitionDoor, RecognitionRoom } from './room.ts';
export { recognitionRoutes } from './routes.ts';
