import { contractTest } from './testing/contract.ts';
import { contractControl } from './testing/contract-control.ts';
import { contractKeys } from './testing/contract-keys.ts';
import { contractLegs } from './testing/contract-legs.ts';
import { contractRecordings } from './testing/contract-recordings.ts';

const portBase = 31_000;
const test = contractTest('koffi', portBase);

contractLegs(test);
contractKeys(test);
contractRecordings(test, 'koffi');
contractControl(test, 'koffi', portBase);
