export { promptRoutes } from './routes.ts';
export { PromptLibrary } from './library.ts';
export { WaitingCallers, type WaitingCallersContext } from './waiting-callers.ts';
