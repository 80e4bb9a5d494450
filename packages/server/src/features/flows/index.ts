export {
  findFlow,
  insertFlow,
  listVersions,
  publishDraft,
  readPublished,
  surroundingsOf,
  updateDraft,
  updateTests,
} from './repo.ts';
export { flowRoutes } from './routes.ts';
export { AddressRefused, guardedRequest } from './guarded-request.ts';
export { HttpLookup } from './lookup.ts';
export { AllowedNetworks } from './private-addresses.ts';
export type { RequestCaller } from './request-door.ts';
export { hasWords } from './caller-recording.ts';
export type { CallerNote, FlowNotes, KeptFlow } from './resumption.ts';
export type { AnsweringFlow, PublishedFlow } from './published-flow.ts';
export { FlowRunner } from './runner.ts';
export { recognitionDoor, speechDoor } from './speech-door.ts';
export { runFlowTests } from './test-document.ts';
