import type { ContactId, FlowDocument, FlowId, ReplayDoubt, ReplayOutcome } from '@crosspoint/contracts';
import {
  type FlowLibrary,
  type FlowStep,
  type PastCall,
  type PastCallOutcome,
  replayCall,
} from '@crosspoint/core';
import { sql } from 'kysely';
import { notFound } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { findFlow, listVersions, surroundingsOf } from '../flows/index.ts';
import {
  type PastContact,
  type PastSpan,
  type ReplayedContact,
  type ReplaySource,
  replayed,
  type Within,
} from './past.ts';

/** Contacts that a flow answered, against its draft. Other flows and calendars are those of today. @throws {HttpProblem} `not-found` */
export async function flowReplay(
  within: Within,
  flowId: FlowId,
  span: Omit<PastSpan, 'flow'>,
): Promise<ReplaySource> {
  const { flow, versions, library } = await within(async (transaction) => {
    const found = await findFlow(transaction, flowId);
    if (found === undefined) throw notFound('flow', flowId);
    return {
      flow: found,
      versions: await listVersions(transaction, flowId),
      library: await surroundingsOf(transaction),
    };
  });
  const documents = new Map(versions.map(({ version, document }) => [version, document]));
  const published = flow.version === null ? undefined : documents.get(flow.version);
  const name = published?.name ?? flow.name;
  const replay = new FlowReplay(flow.draft, documents, library);
  return {
    span: { ...span, flow: name },
    decide: (from, batch) => replay.decide(from, batch),
    close: () => undefined,
  };
}

class FlowReplay {
  readonly #draft: FlowDocument;
  readonly #versions: ReadonlyMap<number, FlowDocument>;
  readonly #library: FlowLibrary;

  constructor(draft: FlowDocument, versions: ReadonlyMap<number, FlowDocument>, library: FlowLibrary) {
    this.#draft = draft;
    this.#versions = versions;
    this.#library = library;
  }

  async *decide(within: Within, batch: readonly PastContact[]): AsyncGenerator<ReplayedContact> {
    const went = await within((transaction) =>
      readWays(
        transaction,
        batch.map(({ contactId }) => contactId),
      ),
    );
    for (const past of batch)
      yield this.#compare(past, went.get(past.contactId) ?? { steps: [], endReason: '' });
  }

  #compare(past: PastContact, { steps, endReason }: Way): ReplayedContact {
    const version = Number(past.data['version']);
    const name = String(past.data['flow']);
    const then = this.#versions.get(version);
    const { callerPhone = '', callerName = '', number = '' } = past.started;
    const call = {
      caller: { callerPhone, callerName, number, callId: past.contactId },
      atMs: past.at.getTime(),
      endReason,
    };
    const before = then === undefined ? lost(version) : this.#run(then, { ...call, steps });
    // A draft may have another name than the flow had.
    const renamed = steps.map((step) => (step.flow === name ? { ...step, flow: this.#draft.name } : step));
    const after = this.#run(this.#draft, { ...call, steps: renamed });
    const doubts: ReplayDoubt[] = [];
    const wentBy = steps.map(({ node, exit }) => `${node}:${exit}`).slice(0, before.path.length);
    if (wentBy.join(' ') !== before.path.join(' ')) doubts.push('not-as-it-was');
    if (before.hasUnknownAnswers || after.hasUnknownAnswers) doubts.push('answers-unknown');
    return replayed(past, { version, before: outcomeOf(before), after: outcomeOf(after), doubts });
  }

  #run(document: FlowDocument, call: PastCall): PastCallOutcome {
    const { hours, flow } = this.#library;
    return replayCall(
      document,
      { hours, flow: (name) => (name === document.name ? document : flow(name)) },
      call,
    );
  }
}

function outcomeOf({ ending, target, reason, path }: PastCallOutcome): ReplayOutcome {
  return { ending, target, rule: null, reason, path: [...path] };
}

function lost(version: number): PastCallOutcome {
  const reason = `Version ${version} of the flow is not kept any more.`;
  return { ending: 'open', target: null, reason, path: [], hasUnknownAnswers: true };
}

interface Way {
  steps: FlowStep[];
  endReason: string;
}

async function readWays(
  transaction: DatabaseTransaction,
  contactIds: readonly ContactId[],
): Promise<Map<string, Way>> {
  const { rows } = await sql<{ contactId: string; type: string; data: Record<string, unknown> }>`
    select contact_id as "contactId", type, data from contact_events
    where contact_id = any(${[...contactIds]}::uuid[]) and type in ('flow.passed', 'flow.ended')
    order by contact_id, seq
  `.execute(transaction);
  const ways = new Map<string, Way>();
  for (const { contactId, type, data } of rows) {
    const way = ways.get(contactId) ?? { steps: [], endReason: '' };
    ways.set(contactId, way);
    // A contact that comes into a flow a second time is judged by its first way.
    if (way.endReason !== '') continue;
    if (type === 'flow.ended') way.endReason = String(data['reason']);
    else way.steps.push(data as unknown as FlowStep);
  }
  return ways;
}
