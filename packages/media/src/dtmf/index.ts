export { DtmfDetector, type DtmfEvent } from './detector.ts';
export { DtmfGenerator, type DtmfGeneratorOptions } from './generator.ts';
