export { promptMenu, type PromptService, promptServices, recordingCodeDigits } from './prompt-menu.ts';
export { voicemailMenu, type VoicemailService, voicemailServices } from './voicemail-menu.ts';
