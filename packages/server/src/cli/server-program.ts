import { loadHttpServer } from '../http/index.ts';
import './program.ts';
import '../features/index.ts';

/** Loads all that a running server consists of, also what it otherwise loads when calls are taken already. */
export async function loadServer(): Promise<void> {
  await loadHttpServer();
}
