import { dialogKey, type Replaces } from '../dialog/index.ts';
import type { DialogOwner, UserAgentContext } from './context.ts';

/** Whoever owns the dialog that Replaces names (RFC 3891 §3); undefined when there is none. */
export function findReplacedOwner(
  context: UserAgentContext,
  { callId, toTag, fromTag }: Replaces,
): DialogOwner | undefined {
  const owner = context.dialogs.get(dialogKey(callId, toTag, fromTag));
  // A peer of RFC 2543 has no tag; then 0 stands for it.
  return owner ?? (fromTag === '0' ? context.dialogs.get(dialogKey(callId, toTag, '')) : undefined);
}

/** The session that could be replaced so; undefined when there is none or it has ended. */
export function findReplacedSession(context: UserAgentContext, replaces: Replaces): string | undefined {
  const owner = findReplacedOwner(context, replaces);
  return owner?.isReplaceable === true ? owner.sessionId : undefined;
}
