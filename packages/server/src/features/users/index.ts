export { requireMayGive } from './access.ts';
export { findUser, insertUser, otherAdministrators, updateUser } from './repo.ts';
export { userRoutes } from './routes.ts';
