export * from './api/index.ts';
export * from './audio/index.ts';
export * from './baresip/index.ts';
export * from './browser/index.ts';
export * from './chaos/index.ts';
export { busyCentre } from './busy-centre.ts';
export { CuttableDisk, type Disk, smallDisk } from './disks.ts';
export * from './every-kind.ts';
export * from './every-kind-walk.ts';
export { flowPath } from './flow-path.ts';
export { freeTcpPort, freeUdpPort } from './ports.ts';
export * from './hostile/index.ts';
export { NatNetwork } from './nat.ts';
export { places } from './places.ts';
export { Meeting } from './conferences.ts';
export { expectMatrix, hearsExactly } from './matrix.ts';
export * from './postgres/index.ts';
export * from './product/index.ts';
export { soundOf } from './recordings.ts';
export * from './sipp/index.ts';
export { temporaryFolder } from './temporary-folder.ts';
export { printEnd, useWorld } from './testing.ts';
export { until } from './wait.ts';
export {
  callerToneHz,
  checkIdentity,
  type Conversation,
  type Scene,
  type SceneAgent,
  takenBy,
  World,
} from './world.ts';
