export { promptLanguages, type Sentence } from './door.ts';
export { promptText, promptTexts, speak } from './speak.ts';
