export { playableNames } from './recordings.ts';
export { promptRoutes } from './routes.ts';
export { PromptTelephone } from './telephone.ts';
export { PromptLibrary } from './library.ts';
export { WaitingCallers, type WaitingCallersContext } from './waiting-callers.ts';
