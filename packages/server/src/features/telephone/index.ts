export { refusedTry, type ServiceAnswer, type ServiceCall, type Services, textOf } from './services.ts';
