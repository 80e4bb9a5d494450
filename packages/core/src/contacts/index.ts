export {
  type ContactHistory,
  type ContactReducer,
  contactHistory,
  createContactReducer,
  type HistorySegment,
} from './history.ts';
