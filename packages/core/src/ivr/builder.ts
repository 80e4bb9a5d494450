import {
  FlowDocument,
  type FlowDocumentInput,
  type FlowNodeInput,
  type FlowPromptPiece,
  type PromptLanguage,
} from '@crosspoint/contracts';
import { canonicalFlow } from './canonical.ts';

/** A node whose ways may lead to these nodes only. */
type NodeTo<Node, Names extends string> = Node extends { kind: infer Kind }
  ? {
      [Field in keyof Node]: Field extends 'next' | 'open' | 'closed' | 'refused' | 'failed'
        ? Names
        : Field extends 'otherwise'
          ? Kind extends 'language'
            ? Node[Field]
            : Names
          : Field extends 'keys'
            ? Partial<Record<string, Names>>
            : Field extends 'cases'
              ? { when: string; next: Names }[]
              : Field extends 'branches'
                ? { weight: number; next: Names }[]
                : Field extends 'after'
                  ? { seconds: number; next: Names } | undefined
                  : Node[Field];
    }
  : never;

export type FlowDefinition<Names extends string> = Omit<FlowDocumentInput, 'start' | 'nodes'> & {
  start: NoInfer<Names>;
  nodes: { [Name in Names]: NodeTo<FlowNodeInput, NoInfer<Names>> };
};

/**
 * A flow written in TypeScript. A way to a node that is not there does not compile.
 * @throws {ZodError} for what types cannot say: the length of a text, the form of a name.
 */
export function defineFlow<const Names extends string>(definition: FlowDefinition<Names>): FlowDocument {
  return canonicalFlow(FlowDocument.parse(definition));
}

/** Texts by language as one piece of a prompt: `spoken({ en: 'Hello.', cs: 'Dobrý den.' })`. */
export function spoken(text: Partial<Record<PromptLanguage, string>>): FlowPromptPiece {
  return { text };
}

/** Changes a flow step by step, from nothing or from a document; `build` gives its canonical form. */
export class FlowBuilder {
  readonly #document: FlowDocumentInput;

  private constructor(document: FlowDocumentInput) {
    this.#document = document;
  }

  /** Begins with a flow of one node, at which callers start. */
  static begin(name: string, start: string, node: FlowNodeInput): FlowBuilder {
    return new FlowBuilder({ name, start, nodes: { [start]: node } });
  }

  /** Goes on with a document, which stays as it is. */
  static from(document: FlowDocument): FlowBuilder {
    return new FlowBuilder(structuredCloneOf(document));
  }

  describe(description: string): this {
    this.#document.description = description;
    return this;
  }

  speak(language: PromptLanguage): this {
    this.#document.language = language;
    return this;
  }

  /** Adds a node, or replaces the one of that name. */
  node(name: string, node: FlowNodeInput): this {
    this.#document.nodes[name] = node;
    return this;
  }

  startAt(name: string): this {
    this.#document.start = name;
    return this;
  }

  remove(name: string): this {
    delete this.#document.nodes[name];
    return this;
  }

  /** @throws {ZodError} naming what is wrong. Whether every way leads somewhere is for `checkFlow` to say. */
  build(): FlowDocument {
    return canonicalFlow(FlowDocument.parse(this.#document));
  }
}

function structuredCloneOf(document: FlowDocument): FlowDocumentInput {
  return JSON.parse(JSON.stringify(document)) as FlowDocumentInput;
}
