export {
  type BanEntry,
  type DialVerdict,
  LineDefence,
  parseNetwork,
  type RefusalEntry,
  removeBan,
  sourceOf,
  writeBan,
} from './defence/index.ts';
export { mediaHostOf } from './addressing.ts';
export { BrowserAccounts } from './browser-accounts.ts';
export { type SipAccount, SipAccounts } from './accounts.ts';
export { leftBehind, type SipLegSnapshot } from './leg-snapshot.ts';
export { SipCarrierService } from './service.ts';
export type { SipServiceOptions } from './service-options.ts';
export type { ConfiguredEndpoints, EndpointState } from './agent-endpoints.ts';
export { countryOfNumber, internationalForm } from './trunk-numbers.ts';
export { routesTo } from './trunk-route.ts';
export type { SipTrunk, SipTrunkConfig } from './trunk.ts';
export type { SipTrunks } from './trunks.ts';
export { type CertificateReport, reportCertificates } from './transport-certificate-report.ts';
export type { StarCommand } from './star-codes.ts';
export type { WebSocketPath } from './transport-websocket.ts';
