import { ApiError, type Versioned } from '#lib/api/client.ts';
import { problemWords, type ProblemWords } from '#lib/api/problems.ts';
import { type FieldErrors, refusedFields } from '#lib/api/validation.ts';
import { changedFields, mergeEdits, type Values } from './merge.ts';

export interface EditorSettings<Model extends Values> {
  /** The version that is edited; for something new its first values. */
  start: Versioned<Model>;
  validate(model: Model): FieldErrors;
  /** Stores it; refuses with `version-outdated` when somebody was faster. */
  save(model: Model, etag: string | null): Promise<Versioned<Model>>;
  /** The version at the server now. Absent for something new. */
  fetch?(): Promise<Versioned<Model>>;
  /** The field that a taken name belongs to. */
  nameField?: string;
}

/** What somebody else changed meanwhile, after it was merged into what is typed here. */
export interface Conflict {
  taken: string[];
  fields: { name: string; theirs: unknown }[];
}

export interface Editor<Model extends Values> {
  /** Bind the inputs to its fields. */
  readonly model: Model;
  readonly dirty: boolean;
  readonly changed: readonly string[];
  readonly errors: FieldErrors;
  readonly valid: boolean;
  readonly busy: boolean;
  readonly problem: ProblemWords | null;
  readonly conflict: Conflict | null;
  /** True when it was stored. */
  submit(): Promise<boolean>;
  discard(): void;
  /** Their value instead of mine, for one field in conflict. */
  takeTheirs(name: string): void;
}

const copy = <Model>(value: Model): Model => structuredClone(value);

/**
 * The state of a form that edits one thing: validates while typing, keeps what was typed whatever happens, and when
 * somebody else was faster merges their version in and shows where both changed the same field.
 */
export function createEditor<Model extends Values>(settings: EditorSettings<Model>): Editor<Model> {
  let base = $state.raw(settings.start);
  let model = $state<Model>(copy(settings.start.data));
  let busy = $state(false);
  let problem = $state.raw<ProblemWords | null>(null);
  let refused = $state.raw<{ errors: FieldErrors; by: Model } | null>(null);
  let conflict = $state.raw<Conflict | null>(null);

  const changed = $derived(changedFields(base.data, model));
  const found = $derived(settings.validate(model));
  // What the server refused stays marked until the field is changed.
  const errors = $derived.by(() => {
    if (!refused) return found;
    const { by } = refused;
    const stillRefused = Object.entries(refused.errors).filter(([path]) => {
      const field = path.split('.')[0] ?? path;
      return JSON.stringify(by[field]) === JSON.stringify(model[field]);
    });
    return { ...Object.fromEntries(stillRefused), ...found };
  });

  async function merge(): Promise<void> {
    if (!settings.fetch) return;
    const theirs = await settings.fetch();
    const result = mergeEdits(base.data, $state.snapshot(model) as Model, theirs.data);
    conflict = {
      taken: result.taken,
      fields: result.conflicts.map((name) => ({ name, theirs: theirs.data[name] })),
    };
    base = theirs;
    model = copy(result.merged);
  }

  async function attempt(): Promise<boolean> {
    const stored = $state.snapshot(model) as Model;
    try {
      base = await settings.save(stored, base.etag);
      model = copy(base.data);
      conflict = null;
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem = problemWords(error);
      refused = { errors: refusedFields(error, settings.nameField), by: stored };
      if (error.code === 'version-outdated') await merge();
      return false;
    }
  }

  return {
    get model() {
      return model;
    },
    get dirty() {
      return changed.length > 0;
    },
    get changed() {
      return changed;
    },
    get errors() {
      return errors;
    },
    get valid() {
      return Object.keys(errors).length === 0;
    },
    get busy() {
      return busy;
    },
    get problem() {
      return problem;
    },
    get conflict() {
      return conflict;
    },
    async submit() {
      if (busy || Object.keys(found).length > 0) return false;
      busy = true;
      problem = null;
      refused = null;
      try {
        return await attempt();
      } finally {
        busy = false;
      }
    },
    discard() {
      model = copy(base.data);
      problem = null;
      refused = null;
      conflict = null;
    },
    takeTheirs(name) {
      const field = conflict?.fields.find((one) => one.name === name);
      if (!conflict || !field) return;
      (model as Values)[name] = copy(field.theirs);
      conflict = { ...conflict, fields: conflict.fields.filter((one) => one !== field) };
    },
  };
}
