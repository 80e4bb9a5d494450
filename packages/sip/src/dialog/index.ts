export { Dialog, dialogKey, type DialogState } from './dialog.ts';
