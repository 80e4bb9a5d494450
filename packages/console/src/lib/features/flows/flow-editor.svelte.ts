import type { Flow, FlowDocument, FlowNode, FlowNodeKind, FlowNodeName } from '@crosspoint/contracts';
import type { FlowSurroundings } from '@crosspoint/core/ivr';
import { api, ApiError, type Versioned } from '#lib/api/client.ts';
import { problemWords, type ProblemWords } from '#lib/api/problems.ts';
import { mergeFlows, sameFlow } from './changes.ts';
import * as edit from './document.ts';
import { type Fault, faultsByNode, faultsOf, type Verdict } from './faults.ts';
import { History } from './history.ts';
import { laidOut } from './layout.ts';
import { placed, placesOf } from './places.ts';
import { newNode, sizeOf } from './node.ts';
import { written } from './written.ts';
import { forgetDraft, keepDraft } from './kept-drafts.ts';

/** What somebody else stored meanwhile; it is merged in already. */
export interface FlowConflict {
  /** Nodes and settings that the other one changed and that were taken over. */
  taken: string[];
  /** Changed by both: mine are kept until theirs are taken. */
  both: string[];
  theirs: FlowDocument;
}

/** Larger flows are checked a moment after the last key, so that typing stays smooth. */
const checkedAtOnceMax = 60;
const checkAfterMs = 150;

/** The way out of a node. */
export interface WayOut {
  from: FlowNodeName;
  path: string;
}

/** A flow that is worked on: the draft, what is selected, undo, what is wrong with it, and how it is stored. */
export class FlowEditor {
  /** What the server has; null for a flow that was never stored. */
  stored = $state.raw<Versioned<Flow> | null>(null);
  document = $state.raw<FlowDocument>() as FlowDocument;
  selected = $state.raw<readonly FlowNodeName[]>([]);
  busy = $state(false);
  problem = $state.raw<ProblemWords | null>(null);
  conflict = $state.raw<FlowConflict | null>(null);
  /** Asks the canvas to bring the selected node into sight, and the keyboard to it. */
  shown = $state.raw<{ focus: boolean } | null>(null);
  canUndo = $state(false);
  canRedo = $state(false);
  /** What the check of the shown document came to, or of a former one while somebody types into a large flow. */
  #verdict = $state.raw<{ document: FlowDocument } & Verdict>() as { document: FlowDocument } & Verdict;
  readonly faults: readonly Fault[];
  readonly faultsByNode: ReadonlyMap<FlowNodeName, Fault[]>;
  readonly places: ReadonlyMap<FlowNodeName, edit.Point>;
  readonly dirty: boolean;
  /** The server takes it as a draft, whatever keeps it from being published. */
  readonly isStorable: boolean;
  readonly isPublishable: boolean;
  #base = $state.raw<FlowDocument | null>(null);
  /** As it came, without the places that the layout gave. */
  #read: FlowDocument;
  readonly #history = new History<FlowDocument>();
  readonly #surroundings: () => FlowSurroundings;
  #checking: ReturnType<typeof setTimeout> | undefined;

  constructor(stored: Versioned<Flow> | null, document: FlowDocument, surroundings: () => FlowSurroundings) {
    this.stored = stored;
    this.document = placed(document);
    this.#read = stored?.data.draft ?? document;
    this.#base = stored === null ? null : placed(stored.data.draft);
    this.#surroundings = surroundings;
    this.#check();
    this.faults = $derived(this.#verdict.faults);
    this.faultsByNode = $derived(faultsByNode(this.faults));
    this.places = $derived(placesOf(this.document));
    this.isStorable = $derived(this.#verdict.isStorable);
    this.isPublishable = $derived(this.#verdict.document === this.document && this.faults.length === 0);
    this.dirty = $derived(this.#base === null || !sameFlow(this.#base, this.document));
  }

  get id(): string | null {
    return this.stored?.data.id ?? null;
  }

  get node(): FlowNode | undefined {
    return this.selected.length === 1 ? this.document.nodes[this.selected[0] ?? ''] : undefined;
  }

  /** The document as it is stored and exported. */
  get written(): FlowDocument {
    return written(this.document, this.#read, placed);
  }

  #check(): void {
    const { document } = this;
    this.#verdict = { document, ...faultsOf(document, this.#surroundings()) };
  }

  /** @param thing what is typed into, so that undoing takes back the whole text. */
  change(document: FlowDocument, thing: string | null = null): void {
    if (document === this.document) return;
    this.#history.push(this.document, thing, performance.now());
    this.#show(document);
  }

  undo(): void {
    const former = this.#history.undo(this.document);
    if (former !== undefined) this.#show(former);
  }

  redo(): void {
    const next = this.#history.redo(this.document);
    if (next !== undefined) this.#show(next);
  }

  #show(document: FlowDocument): void {
    this.document = document;
    clearTimeout(this.#checking);
    if (Object.keys(document.nodes).length <= checkedAtOnceMax) this.#check();
    else this.#checking = setTimeout(() => this.#check(), checkAfterMs);
    this.selected = this.selected.filter((name) => document.nodes[name] !== undefined);
    this.canUndo = this.#history.canUndo;
    this.canRedo = this.#history.canRedo;
    keepDraft(this.id, document);
  }

  select(names: readonly FlowNodeName[], show: 'sight' | 'focus' | null = null): void {
    if (names.join() !== this.selected.join()) this.selected = names;
    if (show !== null) this.shown = { focus: show === 'focus' };
  }

  /** Changes a field of a node. */
  set(name: FlowNodeName, field: string, value: unknown, typed = false): void {
    const node = this.document.nodes[name];
    if (node === undefined) return;
    const next = edit.withNode(this.document, name, edit.withValueAt(node, field, value));
    this.change(next, typed ? `${name}.${field}` : null);
  }

  /** Changes a setting of the flow itself. */
  setOwn(field: 'name' | 'description' | 'language' | 'start', value: string): void {
    this.change({ ...this.document, [field]: value }, field);
  }

  connect({ from, path }: WayOut, to: FlowNodeName): void {
    this.change(edit.connected(this.document, from, path, to));
  }

  /** Adds a node and selects it: into a way, at a place of the canvas, or where there is room. */
  add(
    kind: FlowNodeKind,
    where: { way?: WayOut | undefined; at?: edit.Point | undefined } = {},
  ): FlowNodeName {
    const name = edit.freeName(this.document.nodes, kind);
    const next = edit.inserted(this.document, name, newNode(kind, this.document.language), where.way ?? null);
    const at = where.at ?? this.#roomFor(where.way);
    this.change(edit.moved(next, new Map([[name, at]])));
    this.select([name], 'focus');
    return name;
  }

  #roomFor(way: WayOut | undefined): edit.Point {
    const source = way && this.places.get(way.from);
    const taken = [...this.places];
    const point = source
      ? { x: source.x + 340, y: source.y }
      : { x: 0, y: Math.max(0, ...taken.map(([name, { y }]) => y + this.#sizeOf(name).height + 40)) };
    const overlaps = () =>
      taken.find(([name, { x, y }]) => {
        const { width, height } = this.#sizeOf(name);
        return Math.abs(x - point.x) < width && point.y < y + height + 20 && y < point.y + 160;
      });
    for (let found = overlaps(); found !== undefined; found = overlaps()) {
      point.y = found[1].y + this.#sizeOf(found[0]).height + 40;
    }
    return point;
  }

  #sizeOf(name: FlowNodeName) {
    return sizeOf(this.document.nodes[name] as FlowNode);
  }

  remove(names: readonly FlowNodeName[] = this.selected): void {
    if (names.length > 0) this.change(edit.withoutNodes(this.document, names));
  }

  rename(from: FlowNodeName, to: FlowNodeName): void {
    this.change(edit.renamed(this.document, from, to));
    this.select([to]);
  }

  move(places: ReadonlyMap<FlowNodeName, edit.Point>, thing: string | null = null): void {
    this.change(edit.moved(this.document, places), thing);
  }

  /** Moves what is selected by so many pixels. */
  nudge(x: number, y: number): void {
    const places = this.selected.flatMap((name): [FlowNodeName, edit.Point][] => {
      const place = this.places.get(name);
      return place === undefined ? [] : [[name, { x: place.x + x, y: place.y + y }]];
    });
    this.move(new Map(places), 'nudge');
  }

  arrange(): void {
    this.change(
      edit.moved(
        this.document,
        laidOut(this.document, (name) => this.#sizeOf(name)),
      ),
    );
  }

  copy(): edit.Clip {
    return edit.clipOf(this.document, this.selected);
  }

  paste(clip: edit.Clip): void {
    const { document, names } = edit.pasted(this.document, clip, { x: 40, y: 60 });
    this.change(document);
    this.select(names, 'focus');
  }

  /** Stores the draft. True when it was; what somebody else stored meanwhile is merged in and shown. */
  async save(): Promise<boolean> {
    return this.#work(() => this.#store());
  }

  /** Publishes the draft, which has been stored. */
  async publish(): Promise<boolean> {
    return this.#work(async () => {
      if (this.dirty && !(await this.#store())) return false;
      await this.#act('publish');
      return true;
    });
  }

  /** Makes a former version the draft. */
  async restore(version: number): Promise<boolean> {
    return this.#work(async () => {
      await this.#act('restore', { version });
      const draft = this.stored?.data.draft;
      if (draft !== undefined) this.change(placed(draft));
      return true;
    });
  }

  async archive(): Promise<boolean> {
    return this.#work(async () => {
      await this.#act('archive');
      return true;
    });
  }

  async #act(act: 'publish' | 'restore' | 'archive', body: unknown = {}): Promise<void> {
    const etag = this.stored?.etag;
    await api.post(`/ivr/flows/${this.id}/${act}`, body, etag ? { ifMatch: etag } : {});
    this.#isNow(await this.#fetch());
  }

  async #work(doing: () => Promise<boolean>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      return await doing();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemWords(error);
      if (error.code === 'version-outdated') await this.#merge();
      return false;
    } finally {
      this.busy = false;
    }
  }

  async #store(): Promise<boolean> {
    const document = this.written;
    if (this.stored === null) {
      const { id } = await api.post<Flow>('/ivr/flows', document);
      forgetDraft(null);
      this.#isNow(await api.getVersioned<Flow>(`/ivr/flows/${id}`));
    } else {
      this.#isNow(await api.putVersioned<Flow>(`/ivr/flows/${this.id}`, document, this.stored.etag));
    }
    this.conflict = null;
    // What was typed while it was stored is not stored yet.
    forgetDraft(this.id);
    return true;
  }

  #isNow(stored: Versioned<Flow>): void {
    this.stored = stored;
    this.#base = placed(stored.data.draft);
    this.#read = stored.data.draft;
  }

  #fetch(): Promise<Versioned<Flow>> {
    return api.getVersioned<Flow>(`/ivr/flows/${this.id}`);
  }

  async #merge(): Promise<void> {
    const theirs = await this.#fetch();
    const base = this.#base ?? theirs.data.draft;
    const { merged, conflicts, taken } = mergeFlows(base, this.document, placed(theirs.data.draft));
    this.#isNow(theirs);
    this.conflict = { taken, both: conflicts, theirs: theirs.data.draft };
    this.change(merged);
  }

  /** Theirs instead of mine, for one node or setting that both changed. */
  takeTheirs(name: string): void {
    const { conflict } = this;
    if (conflict === null) return;
    const { nodes, ...settings } = conflict.theirs;
    const isNode = nodes[name] !== undefined || this.document.nodes[name] !== undefined;
    if (!isNode) this.change({ ...this.document, [name]: settings[name as keyof typeof settings] });
    else {
      const { [name]: _mine, ...others } = this.document.nodes;
      const theirs = nodes[name];
      this.change({ ...this.document, nodes: theirs === undefined ? others : { ...others, [name]: theirs } });
    }
    this.conflict = { ...conflict, both: conflict.both.filter((each) => each !== name) };
  }
}
