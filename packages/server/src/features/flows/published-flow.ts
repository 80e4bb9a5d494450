import type { FlowDocument, FlowId } from '@crosspoint/contracts';
import type { RunnableFlow } from '@crosspoint/core';

/** What answers a call: a published version, or a document of the product. */
export interface AnsweringFlow {
  id: FlowId;
  version: number;
  document: RunnableFlow;
}

/** A version of a flow that callers hear. */
export interface PublishedFlow extends AnsweringFlow {
  document: FlowDocument;
}
