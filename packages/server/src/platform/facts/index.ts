export {
  type ContactRow,
  type Facts,
  type FactsHealth,
  type RecordingRow,
} from './types.ts';
export { type FactsLog, FactsWriter, type FactsWriterOptions } from './writer.ts';
