export { type TrunkFault, trunkFaults } from './faults.ts';
export { allTrunks, type StoredTrunk } from './repo.ts';
export { trunkRoutes } from './routes.ts';
export {
  changedSecrets,
  openTrunk,
  readStoredTrunk,
  type Sealing,
  sealTrunk,
  shownTrunk,
  type StoredTrunkSettings,
  trunkWithoutSecrets,
} from './stored.ts';
