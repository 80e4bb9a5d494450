export { SegmentBook, type SegmentDefinition } from './segments.ts';
