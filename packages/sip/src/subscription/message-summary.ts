import { cleanValue, decodeUtf8 } from '../message/index.ts';

/** Whether messages wait for somebody (RFC 3842 §5.2). */
export type MessageSummary = {
  isWaiting: boolean;
  /** The URI to call to hear them. */
  account?: string;
  counts: readonly MessageCount[];
};

/** How many messages of one class there are; urgent ones are counted among the others too. */
export type MessageCount = {
  /** `voice-message`, `fax-message`, `pager-message`, `multimedia-message`, `text-message` or `none`. */
  messageClass: string;
  newCount: number;
  oldCount: number;
  newUrgentCount?: number;
  oldUrgentCount?: number;
};

export const messageSummaryType = 'application/simple-message-summary';

const classesMax = 10;

/** Writes application/simple-message-summary. */
export function writeMessageSummary(summary: MessageSummary): string {
  const lines = [`Messages-Waiting: ${summary.isWaiting ? 'yes' : 'no'}`];
  if (summary.account !== undefined) lines.push(`Message-Account: ${cleanValue(summary.account)}`);
  for (const count of summary.counts) {
    const urgent =
      count.newUrgentCount === undefined && count.oldUrgentCount === undefined
        ? ''
        : ` (${count.newUrgentCount ?? 0}/${count.oldUrgentCount ?? 0})`;
    const name = cleanValue(count.messageClass).replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
    lines.push(`${name}: ${count.newCount}/${count.oldCount}${urgent}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** Reads application/simple-message-summary; undefined when Messages-Waiting is missing or malformed. */
export function parseMessageSummary(body: Uint8Array | string): MessageSummary | undefined {
  const text = typeof body === 'string' ? body : decodeUtf8(body);
  let isWaiting: boolean | undefined;
  let account: string | undefined;
  const counts: MessageCount[] = [];
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    // An empty line ends the summary; what follows are headers of single messages.
    if (colon < 0) {
      if (isWaiting === undefined) continue;
      break;
    }
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'messages-waiting') isWaiting = readYesNo(value);
    else if (name === 'message-account') account = value;
    else if (counts.length < classesMax) {
      const count = readCount(name, value);
      if (count !== undefined) counts.push(count);
    }
  }
  if (isWaiting === undefined) return undefined;
  return { isWaiting, ...(account === undefined ? {} : { account }), counts };
}

function readYesNo(value: string): boolean | undefined {
  const lower = value.toLowerCase();
  return lower === 'yes' || lower === 'no' ? lower === 'yes' : undefined;
}

function readCount(messageClass: string, value: string): MessageCount | undefined {
  if (!/^[\w-]+$/.test(messageClass)) return undefined;
  const match = /^(\d{1,9})\/(\d{1,9})(?:[ \t]*\([ \t]*(\d{1,9})\/(\d{1,9})[ \t]*\))?$/.exec(value);
  if (match === null) return undefined;
  const [, newCount, oldCount, newUrgentCount, oldUrgentCount] = match;
  return {
    messageClass,
    newCount: Number(newCount),
    oldCount: Number(oldCount),
    ...(newUrgentCount === undefined ? {} : { newUrgentCount: Number(newUrgentCount) }),
    ...(oldUrgentCount === undefined ? {} : { oldUrgentCount: Number(oldUrgentCount) }),
  };
}
