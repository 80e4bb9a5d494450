export { namedRoutes } from './routes.ts';
export { allNamed, findNamed, insertNamed, type NamedRow, type NamedTable, updateNamed } from './repo.ts';
