import { reasonWords } from '#lib/features/contacts/reasons.ts';
import { m } from '#lib/paraglide/messages.js';

/** What ways out of nodes are called, where their node has no words of its own for them. */
const words: Record<string, () => string> = {
  next: m.flow_exit_next,
  otherwise: m.flow_exit_otherwise,
  failed: m.flow_exit_failed,
  open: m.flow_exit_open,
  closed: m.flow_exit_closed,
  refused: m.flow_exit_refused,
  'after.next': m.flow_exit_after,
  queued: m.flow_exit_queued,
  connected: m.flow_exit_connected,
  return: m.flow_exit_return,
  end: m.flow_exit_end,
};

/** The path in the document of an exit as sessions name it: `key-1` → `keys.1`, `case-2` → `cases.1.next`. */
export function wayOfExit(exit: string): string {
  const [, list = '', which = ''] = /^(key|case|branch)-(.+)$/.exec(exit) ?? [];
  if (list === 'key') return `keys.${which}`;
  if (list === 'case') return `cases.${Number(which) - 1}.next`;
  if (list === 'branch') return `branches.${Number(which) - 1}.next`;
  return exit === 'after' ? 'after.next' : exit;
}

/** By which way a caller left a node, or why the call ended there, when no more is known of the node than what the log says. */
export function exitWords(exit: string): string {
  const way = wayOfExit(exit);
  const [list, which = ''] = way.split('.');
  if (list === 'keys') return m.flow_exit_key({ key: which });
  if (list === 'cases') return m.flow_exit_case({ number: Number(which) + 1 });
  if (list === 'branches') return m.flow_exit_branch({ number: Number(which) + 1 });
  return words[way]?.() ?? reasonWords(exit);
}
