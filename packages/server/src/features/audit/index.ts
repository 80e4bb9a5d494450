export {
  actorOf,
  type AuditActor,
  type AuditRecord,
  recordAudit,
  recordChange,
  withoutSecrets,
} from './recorder.ts';
export { auditRoutes } from './routes.ts';
