export {
  actorOf,
  type AuditActor,
  type AuditRecord,
  recordAudit,
  recordChange,
} from './recorder.ts';
export { auditRoutes } from './routes.ts';
