export { scriptFault } from './check.ts';
export { decideWithScripts } from './decide.ts';
export { ScriptRunner } from './runner.ts';
