import { dialogInfoType, writeDialogInfo, type DialogInfo } from './dialog-info.ts';
import { messageSummaryType, writeMessageSummary, type MessageSummary } from './message-summary.ts';

/** An event package that is served to subscribers (RFC 6665 §5); times in seconds. */
export type EventPackage = {
  /** In small letters, as in Event. */
  name: string;
  /** The body that subscribers get; one that does not accept it is refused with 406. */
  contentType: string;
  /** How long a subscription lasts when its SUBSCRIBE does not say. */
  expiresDefaultSeconds: number;
  /** Shorter ones are refused with 423. */
  expiresMinSeconds: number;
  /** Longer ones are shortened. */
  expiresMaxSeconds: number;
};

/** Waiting messages (RFC 3842). */
export const messageSummaryPackage: EventPackage = {
  name: 'message-summary',
  contentType: messageSummaryType,
  expiresDefaultSeconds: 3_600,
  expiresMinSeconds: 60,
  expiresMaxSeconds: 86_400,
};

/** The calls of somebody, for lamps (RFC 4235). */
export const dialogPackage: EventPackage = {
  name: 'dialog',
  contentType: dialogInfoType,
  expiresDefaultSeconds: 3_600,
  expiresMinSeconds: 60,
  expiresMaxSeconds: 3_600,
};

/** What a subscriber is told: a summary of messages, all calls of somebody, or a body of another package. */
export type EventContent =
  | { messages: MessageSummary }
  | { dialogs: readonly DialogInfo[] }
  | { body: Uint8Array | string; contentType: string };

/** The body of the NOTIFY with that number, from 0, about `entity`. */
export function writeContent(
  content: EventContent,
  entity: string,
  version: number,
): { body: Uint8Array | string; contentType: string } {
  if ('messages' in content)
    return { body: writeMessageSummary(content.messages), contentType: messageSummaryType };
  if ('body' in content) return content;
  const { dialogs } = content;
  return { body: writeDialogInfo({ version, isFull: true, entity, dialogs }), contentType: dialogInfoType };
}
