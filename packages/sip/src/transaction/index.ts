export { createCancel, InviteClientTransaction } from './invite-client.ts';
export { InviteServerTransaction } from './invite-server.ts';
export { TransactionLayer, type ClientTransaction, type ServerTransaction } from './layer.ts';
export { markReceived, responseFlow } from './response-routing.ts';
export { continuesSomething, tryingFor } from './waiting.ts';
export type { ClientTransactionUser, InviteServerUser, TransactionHost, TransactionTimers } from './types.ts';
