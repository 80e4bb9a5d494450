export { streamRoutes, StreamService } from './routes.ts';
