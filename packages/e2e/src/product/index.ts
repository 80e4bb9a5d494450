export { adminPassword, checkoutDir, Product, type CliResult, type ProductOptions } from './product.ts';
export { processInfo, type ProcessInfo, signal } from './processes.ts';
