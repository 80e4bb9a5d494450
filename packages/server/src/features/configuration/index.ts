export { readDocument, readYaml } from './document.ts';
export { toYaml } from './export.ts';
export { configurationRoutes } from './routes.ts';
export {
  type ApplyOptions,
  type ApplyResult,
  applyConfiguration,
  type ConfigurationOptions,
  exportConfiguration,
} from './service.ts';
