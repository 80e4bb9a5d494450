export { delayImpairment, effectiveEquipmentImpairment, mosOfRating, ratingMax } from './e-model.ts';
export {
  type CodecImpairment,
  codecImpairments,
  type LegMeasurements,
  type LegQuality,
  legQuality,
  type StreamQuality,
  type StreamStatistics,
  streamQuality,
} from './leg-quality.ts';
