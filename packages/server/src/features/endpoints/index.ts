export { endpointOf, replaceEndpoints } from './repo.ts';
