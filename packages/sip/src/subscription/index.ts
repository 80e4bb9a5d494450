export {
  parseDialogInfo,
  writeDialogInfo,
  type DialogInfo,
  type DialogInfoDocument,
  type DialogInfoParty,
  type DialogInfoState,
} from './dialog-info.ts';
export {
  readEvent,
  readExpires,
  readSubscriptionState,
  writeEvent,
  writeSubscriptionState,
  type EventName,
  type SubscriptionState,
  type TerminationReason,
} from './event.ts';
export {
  parseMessageSummary,
  writeMessageSummary,
  type MessageCount,
  type MessageSummary,
} from './message-summary.ts';
export {
  dialogPackage,
  messageSummaryPackage,
  writeContent,
  type EventContent,
  type EventPackage,
} from './packages.ts';
export { parseSipfrag, sipfragType, writeSipfrag } from './sipfrag.ts';
