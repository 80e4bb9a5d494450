import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { Product } from './product/index.ts';

let template: string | undefined;

/**
 * For runs of many files (vitest `globalSetup`): makes a database once, of which the product of each file gets a copy. What
 * happens at a first start is proven by the files that start products themselves.
 */
export async function setup(project: TestProject): Promise<(() => void) | undefined> {
  if (template !== undefined) {
    project.provide('template', template);
    return undefined;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'crosspoint-e2e-template-'));
  // The database may run under another account; where that cannot enter, its files would lie elsewhere.
  chmodSync(dataDir, 0o755);
  const product = await Product.start({ dataDir });
  await product.stop();
  template = dataDir;
  project.provide('template', template);
  return () => rmSync(dataDir, { recursive: true, force: true });
}
