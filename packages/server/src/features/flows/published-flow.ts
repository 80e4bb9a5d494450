import type { FlowDocument, FlowId } from '@crosspoint/contracts';

/** A version of a flow that callers hear. */
export interface PublishedFlow {
  id: FlowId;
  version: number;
  document: FlowDocument;
}
