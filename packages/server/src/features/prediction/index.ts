export { predictionRoutes } from './routes.ts';
export { PredictionService } from './service.ts';
