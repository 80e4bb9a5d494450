import type { NumberTarget } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';

export type TargetKind = NumberTarget['kind'];

/** What a number may lead to, in the order in which it is offered. */
export const targetKinds: readonly TargetKind[] = [
  ...(['queue', 'flow', 'rules', 'voicemail-menu', 'prompt-menu', 'conferences'] as const),
];

/** How it is called, and what it does where that does not go without saying. */
export function targetWords(kind: TargetKind): { name: string; detail: string } {
  switch (kind) {
    case 'queue':
      return { name: m.queue_name(), detail: '' };
    case 'flow':
      return { name: m.flow_name(), detail: '' };
    case 'rules':
      return { name: m.number_rules(), detail: m.number_rules_detail() };
    case 'voicemail-menu':
      return { name: m.number_voicemail_menu(), detail: m.number_voicemail_menu_detail() };
    case 'prompt-menu':
      return { name: m.number_prompt_menu(), detail: m.number_prompt_menu_detail() };
    case 'conferences':
      return { name: m.number_conferences(), detail: m.number_conferences_detail() };
  }
}
