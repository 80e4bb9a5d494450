import { type FlowNode, type FlowPrompt, type Prompt, QueueSettings } from '@crosspoint/contracts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import type { PublishedDocuments } from '../named/index.ts';
import { boxesByName } from '../voicemails/index.ts';

type User = Prompt['usedBy'][number];

/** Who plays the recording of that name in that language. */
export type PromptUsers = (name: string, language: Prompt['language']) => User[];

/** Queues and boxes play what they name in their language; a flow in whichever its caller has chosen. */
export async function promptUsers(
  transaction: DatabaseTransaction,
  flows: PublishedDocuments,
): Promise<PromptUsers> {
  const users = new Map<string, User[]>();
  const languages = ['en', 'es', 'cs'];
  const add = (user: User, names: readonly string[], spoken = languages) => {
    for (const language of spoken) {
      for (const name of new Set(names)) {
        const key = `${language}.${name}`;
        users.set(key, [...(users.get(key) ?? []), user]);
      }
    }
  };
  for (const document of await flows(transaction)) {
    add({ kind: 'flow', name: document.name }, Object.values(document.nodes).flatMap(recordingsIn));
  }
  const queues = await transaction
    .selectFrom('queues')
    .select(['name', 'settings'])
    .orderBy('name')
    .execute();
  for (const { name, settings } of queues) {
    const { announcements } = QueueSettings.parse({ ...(settings as object), name });
    const { greeting, comfort, language } = announcements;
    add({ kind: 'queue', name }, [...(greeting === null ? [] : [greeting]), ...comfort], [language]);
  }
  for (const [name, { greeting, language }] of await boxesByName(transaction)) {
    add({ kind: 'voicemail-box', name }, recordingsOf(greeting), [language]);
  }
  return (name, language) => users.get(`${language}.${name}`) ?? [];
}

function recordingsIn(node: FlowNode): string[] {
  return [
    ...(node.kind === 'play' ? [node.recording] : []),
    ...('prompt' in node ? recordingsOf(node.prompt) : []),
    ...('invalidPrompt' in node ? recordingsOf(node.invalidPrompt) : []),
    ...('timeoutPrompt' in node ? recordingsOf(node.timeoutPrompt) : []),
  ];
}

const recordingsOf = (prompt: FlowPrompt): string[] =>
  prompt.flatMap((piece) => ('recording' in piece ? [piece.recording] : []));
