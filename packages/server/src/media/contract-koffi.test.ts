import { contractTest } from './testing/contract.ts';
import { contractControl } from './testing/contract-control.ts';
import { contractKeys } from './testing/contract-keys.ts';
import { contractLegs } from './testing/contract-legs.ts';
import { contractListening } from './testing/contract-listening.ts';
import { contractRecordings } from './testing/contract-recordings.ts';

// Below the range from which the kernel gives telephones their ports.
const portBase = 15_000;
const test = contractTest('koffi', portBase);

contractLegs(test);
contractKeys(test);
contractListening(test);
contractRecordings(test, 'koffi');
contractControl(test, 'koffi', portBase);
