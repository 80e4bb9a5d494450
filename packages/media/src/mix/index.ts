export { Ducker, type DuckerOptions } from './ducker.ts';
export { softLimit } from './limiter.ts';
export { Mixer, partiesMax, supervise } from './mixer.ts';
export * from './port.ts';
