export {
  generatePassword,
  hashPassword,
  verifyPassword,
} from './passwords.ts';
export { addUser, changePassword, ensureAdmin, type NewUser, USER_ROLES, type UserRole } from './users.ts';
