export { insertApiKey } from './api-key-repo.ts';
export { apiKeyRoutes } from './api-key-routes.ts';
export { createAuthenticate } from './authenticate.ts';
export { DigitAttempts } from './digit-attempts.ts';
export { hashPassword, verifyPassword } from './passwords.ts';
export { deleteSessions, listSessions } from './repo.ts';
export { authRoutes } from './routes.ts';
export { removeSecondFactor } from './second-factor.ts';
export { newApiKey } from './tokens.ts';
