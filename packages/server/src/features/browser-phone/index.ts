export { browserPhoneRoutes } from './routes.ts';
