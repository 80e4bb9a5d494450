export { permissionsOfRole, permissionsWith } from './model.ts';
export { roleRoutes } from './routes.ts';
