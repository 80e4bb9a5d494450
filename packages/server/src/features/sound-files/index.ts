export { PromptSoundError, requireWhole } from './decode.ts';
export { SoundShelf } from './shelf.ts';
export { decodeSound, storePrompt, withHeader } from './upload.ts';
