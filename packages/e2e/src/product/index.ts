export { databasePids, stopDatabase } from './database.ts';
export { heldBytes } from './heap.ts';
export { adminPassword, checkoutDir, Product, type CliResult, type ProductOptions } from './product.ts';
export { processInfo, type ProcessInfo, proportionalBytes, signal } from './processes.ts';
