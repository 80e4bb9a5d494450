import { contractTest } from './testing/contract.ts';
import { contractControl } from './testing/contract-control.ts';
import { contractLegs } from './testing/contract-legs.ts';

// Below the range from which the kernel gives telephones their ports; apart from those of the other paths.
const portBase = 13_000;
const test = contractTest('epoll', portBase);

contractLegs(test);
contractControl(test, 'koffi', portBase);
