import type { AgentStatus } from '@crosspoint/contracts';

/** What an agent asks for by dialling a `*` code on the desk phone. */
export type StarCommand =
  | { kind: 'status'; status: AgentStatus; reason: number | null }
  | { kind: 'finish-wrap-up' };

/**
 * Reads a `*` code: `*1` available, `*2` break, `*2n` break with the n-th reason code, `*3` finish wrap-up,
 * `*0` offline. Undefined for anything else.
 */
export function parseStarCode(number: string): StarCommand | undefined {
  const match = /^\*([0-3])(\d{0,2})$/.exec(number);
  if (match === null) return undefined;
  const [, code, rest = ''] = match;
  if (rest !== '' && code !== '2') return undefined;
  switch (code) {
    case '0':
      return { kind: 'status', status: 'offline', reason: null };
    case '1':
      return { kind: 'status', status: 'available', reason: null };
    case '2':
      return { kind: 'status', status: 'break', reason: rest === '' ? null : Number(rest) };
    default:
      return { kind: 'finish-wrap-up' };
  }
}

/**
 * A `*` code is answered by its outcome. 200 would need sound, so the call is refused with a reason phrase, which the
 * phone shows before it hangs up by itself (RFC 3261 §21.4.18). `isDone` tells whether the centre carried it out.
 */
export function answerToStarCode(
  command: StarCommand | undefined,
  isDone: boolean,
): { status: number; reason: string } {
  if (command === undefined) return { status: 404, reason: 'Unknown code' };
  return isDone ? { status: 480, reason: 'Done' } : { status: 403, reason: 'Not possible now' };
}
