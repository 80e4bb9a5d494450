import { signal } from './processes.ts';
import type { Product } from './product.ts';

/** Every process of the product's own PostgreSQL. */
export function databasePids(product: Product): number[] {
  return product
    .processes()
    .filter(({ commandLine }) => /^(postgres:|\S+\/bin\/postgres )/.test(commandLine))
    .map(({ pid }) => pid);
}

/** The product's own database falls silent, as on a disk or a network that hangs. Returns what lets it go on. */
export function stopDatabase(product: Product): () => void {
  const pids = databasePids(product);
  if (pids.length < 2) throw new Error('The product has no database of its own that runs.');
  for (const pid of pids) signal(pid, 'SIGSTOP');
  return () => {
    for (const pid of pids) signal(pid, 'SIGCONT');
  };
}
