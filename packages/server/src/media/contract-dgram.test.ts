import { mediaContract } from './testing/contract.ts';

mediaContract('dgram', 33_000);
