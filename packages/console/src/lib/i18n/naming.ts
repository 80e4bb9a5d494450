import type { NamingThing } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';
import { shown } from './shown.ts';

const things: Record<NamingThing['kind'], (inputs: { name: string }) => string> = {
  number: m.naming_number,
  queue: m.prompt_user_queue,
  flow: m.prompt_user_flow,
  rule: m.naming_rule,
  'voicemail-box': m.prompt_user_box,
};

/** What names something else, in one list. */
export const namingWords = (users: readonly NamingThing[]): string =>
  shown.list(users.map(({ kind, name }) => things[kind]({ name })));
