export { Dialog, dialogKey, findDialogFault, type DialogState } from './dialog.ts';
export {
  readReferredBy,
  readReferTo,
  writeReferTo,
  type ReferTarget,
  type ReferToResult,
} from './refer-to.ts';
export { parseReplaces, readTargetDialog, writeReplaces, type DialogId, type Replaces } from './replaces.ts';
