export { scriptFault } from './check.ts';
export { decideWithScripts } from './decide.ts';
export { patientLimits, ScriptRunner } from './runner.ts';
