import { mediaContract } from './testing/contract.ts';

mediaContract('koffi', 31_000);
