export { boxesByName, setGreeting } from './boxes.ts';
export { type KeptMessage, MessageKeeper } from './keeper.ts';
export { messageRecordings, saveMessage } from './repo.ts';
export { voicemailRoutes } from './routes.ts';
export { VoicemailTelephone } from './telephone.ts';
export { waitingByAgent, WaitingMessages } from './waiting.ts';
