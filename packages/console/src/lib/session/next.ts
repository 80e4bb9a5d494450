/**
 * The page to return to after signing in, when it is one of ours: a path of this console, never another site and
 * never the login page itself.
 */
export function safeNext(wanted: string | null): string | null {
  if (wanted === null || !wanted.startsWith('/') || wanted.startsWith('//') || wanted.includes('\\'))
    return null;
  return wanted.startsWith('/login') ? null : wanted;
}
