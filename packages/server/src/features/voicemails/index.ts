export { boxesByName, setGreeting } from './boxes.ts';
export { type LeftMessage, MessageKeeper } from './keeper.ts';
export { messageRecordings } from './repo.ts';
export { voicemailRoutes } from './routes.ts';
export { VoicemailTelephone } from './telephone.ts';
export { waitingByAgent, WaitingMessages } from './waiting.ts';
