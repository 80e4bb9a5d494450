/** Entry of a media process, with the options that `program.ts` tells. */
import { loadProgram } from '../bundle.ts';

await loadProgram('media', () => import('./program.ts'));
