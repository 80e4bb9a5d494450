export { ComfortNoise, comfortNoisePayloadType, encodeComfortNoise } from './comfort-noise.ts';
