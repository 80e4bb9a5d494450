import type { FlowNodeOf, PromptLanguage } from '@crosspoint/contracts';
import type { FlowFaultCode } from './door.ts';
import { wordsOf } from './spoken-words.ts';

type Report = (path: string, code: FlowFaultCode, message: string, remedy: string) => void;

/** Words lead to keys that the menu has, each to one of them; what is confirmed is less sure than what is accepted. */
export function checkSpeech(node: FlowNodeOf<'menu' | 'collect'>, path: string, report: Report): void {
  const { speech } = node;
  if (speech === undefined) return;
  if (speech.confirmPercent > speech.acceptPercent) {
    report(
      `${path}.speech.confirmPercent`,
      'speech-percent',
      `is more than acceptPercent (${speech.acceptPercent})`,
      'Lower it or raise acceptPercent.',
    );
  }
  if (node.kind === 'menu') checkPhrases(node, path, report);
}

function checkPhrases(node: FlowNodeOf<'menu'>, path: string, report: Report): void {
  const keyOf = new Map<string, string>();
  for (const [key, language, index, phrase] of phrasesIn(node)) {
    const at = `${path}.speech.phrases.${key}`;
    if (!Object.hasOwn(node.keys, key)) {
      report(
        at,
        'speech-key',
        `stands for the key ${key}, which the menu does not offer`,
        'Add that key or remove the words.',
      );
      return;
    }
    const spoken = `${language} ${wordsOf(phrase).join(' ')}`;
    const other = keyOf.get(spoken);
    if (other !== undefined && other !== key) {
      report(
        `${at}.${language}.${index}`,
        'speech-twice',
        `"${phrase}" stands for the key ${other} too`,
        'Let each phrase stand for one key.',
      );
    }
    keyOf.set(spoken, key);
  }
}

function phrasesIn({ speech }: FlowNodeOf<'menu'>): [string, PromptLanguage, number, string][] {
  return Object.entries(speech?.phrases ?? {}).flatMap(([key, texts]) =>
    (Object.entries(texts ?? {}) as [PromptLanguage, string[]][]).flatMap(([language, phrases]) =>
      phrases.map((phrase, index): [string, PromptLanguage, number, string] => [
        key,
        language,
        index,
        phrase,
      ]),
    ),
  );
}

/** By which words a menu asks whether it has understood. */
export function phrasesSaidBack(node: FlowNodeOf<'menu'>): Partial<Record<PromptLanguage, string>>[] {
  if (node.speech === undefined || node.speech.confirmPrompt.length === 0) return [];
  return phrasesIn(node).flatMap(([, language, index, phrase]) =>
    index === 0 ? [{ [language]: phrase }] : [],
  );
}
