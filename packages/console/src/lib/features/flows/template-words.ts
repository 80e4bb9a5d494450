import type { FlowTemplate } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';

const words: Readonly<Record<string, readonly [name: () => string, detail: () => string]>> = {
  reception: [m.flow_template_reception, m.flow_template_reception_detail],
  'language-choice': [m.flow_template_language_choice, m.flow_template_language_choice_detail],
  menu: [m.flow_template_menu, m.flow_template_menu_detail],
  'callback-offer': [m.flow_template_callback_offer, m.flow_template_callback_offer_detail],
  survey: [m.flow_template_survey, m.flow_template_survey_detail],
  'account-lookup': [m.flow_template_account_lookup, m.flow_template_account_lookup_detail],
};

/** What a flow to start from is called and does; one that this page does not know speaks for itself. */
export function templateWords({ id, name, description }: FlowTemplate): { name: string; detail: string } {
  const [nameOf, detailOf] = words[id] ?? [];
  return { name: nameOf?.() ?? name, detail: detailOf?.() ?? description };
}
