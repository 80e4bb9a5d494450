export { LiveConferences, sharedRoomPrefix } from './live.ts';
export { type PinTarget, pinTargets } from './pins.ts';
export { conferenceRoutes } from './routes.ts';
export { conferencesById } from './settings.ts';
