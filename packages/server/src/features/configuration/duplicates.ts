import { canonicalNumber } from '@crosspoint/core';
import type { Path } from '../../http/index.ts';
import { keyOf } from './current.ts';
import type { LocatedDocument } from './document.ts';
import { NAMED_KINDS, NAMED_LISTS } from './named-kinds.ts';

type Document = LocatedDocument['document'];

/** Hears of a mistake at a part of the document. */
export type Report = (path: Path, problem: { value?: unknown; message: string; remedy: string }) => void;

/** What a document names twice. */
export function checkDuplicates(document: Document, report: Report): void {
  const twice = (items: readonly (readonly [Path, string])[], what: string) => {
    const seen = new Set<string>();
    for (const [path, name] of items) {
      if (seen.has(name)) {
        report(path, {
          value: name,
          message: `is the second ${what} of that name`,
          remedy: 'Remove one of the two.',
        });
      }
      seen.add(name);
    }
  };
  for (const list of NAMED_LISTS) {
    const named: readonly { name: string }[] = document[list];
    twice(
      named.map(({ name }, index) => [[list, index, 'name'], name]),
      NAMED_KINDS[list].subject.replace('-', ' '),
    );
  }
  twice(
    document.reasonCodes.map(({ code }, index) => [['reasonCodes', index, 'code'], code]),
    'reason code',
  );
  twice(
    document.users.map((user, index) => [['users', index, 'username'], keyOf(user.username)]),
    'user',
  );
  twice(
    document.agents.map((agent, index) => [['agents', index, 'username'], keyOf(agent.username)]),
    'agent',
  );
  twice(
    document.teams.map((team, index) => [['teams', index, 'name'], team.name]),
    'team',
  );
  twice(
    document.queues.map((queue, index) => [['queues', index, 'name'], queue.name]),
    'queue',
  );
  twice(
    document.voicemailBoxes.flatMap(({ number }, index) =>
      number === null ? [] : [[['voicemailBoxes', index, 'number'], number] as const],
    ),
    'voicemail box',
  );
  twice(
    document.flows.map((flow, index) => [['flows', index, 'name'], flow.name]),
    'flow',
  );
  twice(
    document.trunks.map((trunk, index) => [['trunks', index, 'name'], trunk.name]),
    'trunk',
  );
  twice(
    document.numbers.map((entry, index) => [['numbers', index, 'number'], canonicalNumber(entry.number)]),
    'entry',
  );
  document.teams.forEach((team, index) =>
    twice(
      team.members.map((member, at) => [['teams', index, 'members', at], keyOf(member)]),
      'member',
    ),
  );
  document.queues.forEach((queue, index) =>
    twice(
      queue.agents.map((agent, at) => [['queues', index, 'agents', at], keyOf(usernameOf(agent))]),
      'agent',
    ),
  );
}

/** An agent of a queue is a username, or a mapping with one. */
export function usernameOf(agent: Document['queues'][number]['agents'][number]): string {
  return typeof agent === 'string' ? agent : agent.username;
}
