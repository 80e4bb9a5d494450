export {
  generatePassword,
  hashPassword,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  verifyPassword,
} from './passwords.ts';
export { addUser, changePassword, ensureAdmin, type NewUser, USER_ROLES, type UserRole } from './users.ts';
