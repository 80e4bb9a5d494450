/**
 * What the property panel can edit. `at` is the field of the node; limits and what may stay empty come from the schema of the node, so
 * that they are written once.
 */
type Words = () => string;

export type NodeField =
  | { as: 'prompt'; at: string; label: Words; hint?: Words }
  | {
      as: 'text' | 'long-text' | 'variable' | 'expression';
      at: string;
      label: Words;
      hint?: Words;
      /** Empty, it is left out. */
      optional?: true;
    }
  | { as: 'number'; at: string; label: Words; hint?: Words; unit?: Words }
  | { as: 'switch'; at: string; label: Words; hint?: Words }
  | { as: 'queue' | 'flow' | 'recording' | 'box' | 'language'; at: string; label: Words; hint?: Words }
  | { as: 'key'; at: string; label: Words; none: Words }
  | { as: 'choice'; at: string; label: Words; options: readonly string[] }
  | { as: 'pairs'; at: string; label: Words; hint?: Words; names: Words; values: Words }
  | { as: 'keys' | 'languages' | 'cases' | 'branches' | 'hours' | 'target' | 'after' | 'speech'; at: string };
