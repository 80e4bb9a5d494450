/** The command line of Crosspoint; see `--help`. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { loadProgram } from '../bundle.ts';

// Before anything large is loaded: compiled code is kept between runs, which halves the time to the first line.
enableCompileCache(join(import.meta.dirname, '../../../../node_modules/.crosspoint/compile-cache'));
const { runCommandLine } = await loadProgram('server', () => import('./command-line.ts'));
await runCommandLine();
