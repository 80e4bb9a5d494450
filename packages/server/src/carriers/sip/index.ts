export { type SipAccount, SipAccounts } from './accounts.ts';
export { SipCarrierService, type SipServiceOptions } from './service.ts';
