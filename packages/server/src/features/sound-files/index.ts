export { PromptSoundError } from './decode.ts';
export { decodeSound, storePrompt, withHeader } from './upload.ts';
