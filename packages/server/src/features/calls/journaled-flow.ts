import type { ContactId, EpochMs, FlowId } from '@crosspoint/contracts';
import type { FlowInput, RunnableFlow } from '@crosspoint/core';
import type { SecretBox } from '../../platform/index.ts';
import type { AnsweringFlow, CallerNote, FlowNotes, KeptFlow, PublishedFlow } from '../flows/index.ts';
import type { CallJournal } from './journal.ts';

/** Its document is kept when it is not a published one, such as what a rule leads to. */
type Beginning = {
  id: FlowId;
  version: number;
  name: string;
  document?: RunnableFlow;
  /** Of each flow that it leads through. */
  below?: [name: string, version: number][];
};
type Heard = { t: EpochMs; i: FlowInput };

/**
 * Notes of flows in the journal. They hold what callers key, which may be a PIN, and what look-ups answered: each is sealed with
 * the key of the installation.
 */
export class JournaledFlows implements FlowNotes {
  readonly #journal: Pick<CallJournal, 'flow' | 'callerNote' | 'flush'>;
  readonly #box: SecretBox;
  readonly #published: () => ReadonlyMap<string, PublishedFlow>;

  constructor(
    journal: Pick<CallJournal, 'flow' | 'callerNote' | 'flush'>,
    box: SecretBox,
    published: () => ReadonlyMap<string, PublishedFlow>,
  ) {
    this.#journal = journal;
    this.#box = box;
    this.#published = published;
  }

  began(contactId: ContactId, { id, version, document }: AnsweringFlow): void {
    const { name } = document;
    const isPublished = this.#published().get(name)?.document === document;
    const below = [...versionsBelow(document, this.#published())];
    const beginning: Beginning = {
      ...{ id, version, name, ...(isPublished ? {} : { document }) },
      ...(below.length === 0 ? {} : { below }),
    };
    this.#journal.flow(contactId, this.#box.seal(JSON.stringify(beginning)), true);
  }

  heard(contactId: ContactId, at: EpochMs, input: FlowInput): void {
    const heard: Heard = { t: at, i: input };
    this.#journal.flow(contactId, this.#box.seal(JSON.stringify(heard)), false);
    this.#journal.flush();
  }

  recording(contactId: ContactId, note: CallerNote): void {
    this.#journal.callerNote(contactId, note);
    this.#journal.flush();
  }

  /** What these notes tell; undefined when they cannot be read, or the flow or one below it has been published anew since. */
  read([first, ...rest]: readonly string[]): KeptFlow | undefined {
    const beginning = this.#open<Beginning>(first);
    if (beginning === undefined) return undefined;
    const { id, version, name, below = [] } = beginning;
    const flows = this.#published();
    const published = flows.get(name);
    // What the caller did would be done in another flow, and lead elsewhere.
    if (below.some(([called, then]) => versionOf(called, flows) !== then)) return undefined;
    const document = beginning.document ?? (published?.version === version ? published.document : undefined);
    if (document === undefined) return undefined;
    const heard = rest.map((note) => this.#open<Heard>(note));
    if (heard.some((note) => note === undefined)) return undefined;
    const inputs = heard.flatMap((note) => (note === undefined ? [] : [{ at: note.t, input: note.i }]));
    return { flow: { id, version, document }, inputs };
  }

  #open<Note>(sealed: string | undefined): Note | undefined {
    const text = sealed === undefined ? undefined : this.#box.open(sealed);
    return text === undefined ? undefined : (JSON.parse(text) as Note);
  }
}

const versionOf = (name: string, flows: ReadonlyMap<string, PublishedFlow>): number =>
  flows.get(name)?.version ?? 0;

/** The versions of all flows that this one leads through, one below the other; 0 of one that is not there. */
function versionsBelow(
  { nodes }: Pick<RunnableFlow, 'nodes'>,
  flows: ReadonlyMap<string, PublishedFlow>,
  found: Map<string, number> = new Map(),
): Map<string, number> {
  for (const node of Object.values(nodes)) {
    if (node.kind !== 'sub-flow' || found.has(node.flow)) continue;
    found.set(node.flow, versionOf(node.flow, flows));
    versionsBelow(flows.get(node.flow)?.document ?? { nodes: {} }, flows, found);
  }
  return found;
}
