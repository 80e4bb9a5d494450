export { LiveConferences, sharedRoomPrefix } from './live.ts';
export { givePins, type PinTarget, pinTargets } from './pins.ts';
export { conferenceRoutes } from './routes.ts';
export { conferenceFaults, conferencesById } from './settings.ts';
