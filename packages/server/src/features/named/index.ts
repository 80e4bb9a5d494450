export { namedRoutes, type PublishedDocuments } from './routes.ts';
export { allNamed, insertNamed, type NamedRow, updateNamed } from './repo.ts';
