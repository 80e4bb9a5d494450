export {
  type ContactRow,
  type Facts,
  FactsError,
  type FactsHealth,
  type RecordingRow,
  type VoicemailRow,
} from './types.ts';
export type { FactsLog } from './delivery.ts';
export { FactsSpool } from './spool.ts';
export { FactsWriter, type FactsWriterOptions } from './writer.ts';
