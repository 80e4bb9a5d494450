export { createAnnouncer } from './announcer.ts';
export type { Announcer, AnnouncerEffect, AnnouncerInput, AnnouncerSettings, CallerPlace } from './door.ts';
