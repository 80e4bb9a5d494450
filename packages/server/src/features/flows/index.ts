export { flowsLeadingTo, insertFlow, publishDraft, readPublished, updateDraft } from './repo.ts';
export { flowRoutes } from './routes.ts';
export { FlowRunner, type PublishedFlow } from './runner.ts';
export { Speech, SpeechError } from './speech.ts';
