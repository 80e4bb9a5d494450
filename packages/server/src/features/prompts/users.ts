import type { Prompt } from '@crosspoint/contracts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { readUses, usersIn } from '../references/index.ts';

type User = Prompt['usedBy'][number];

/** Who plays the recording of that name in that language. */
export type PromptUsers = (name: string, language: Prompt['language']) => User[];

/** Queues and boxes play what they name in their language; a flow in whichever its caller has chosen. */
export async function promptUsers(transaction: DatabaseTransaction): Promise<PromptUsers> {
  const uses = (await readUses(transaction)).filter(({ kind }) => kind === 'recording');
  return (name, language) => {
    const heard = uses.filter((use) => use.language === undefined || use.language === language);
    return usersIn(heard, { kind: 'recording', name }).flatMap((user) =>
      user.kind === 'number' || user.kind === 'rule' ? [] : [{ kind: user.kind, name: user.name }],
    );
  };
}
