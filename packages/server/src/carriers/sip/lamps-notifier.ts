import type { Notifier } from './lamps.ts';
import type { SipShell } from './shell.ts';

/** The subscriptions of the stack behind that shell. */
export function notifierOf(shell: SipShell): Notifier {
  return {
    accept: (subscriptionId, content) =>
      shell.run(({ subscriptions }, now) => subscriptions.accept({ subscriptionId, content }, now)),
    refuse: (subscriptionId, status, reason) =>
      shell.run(({ subscriptions }, now) => subscriptions.refuse({ subscriptionId, status, reason }, now)),
    notify: (subscriptionId, content) =>
      shell.run(({ subscriptions }, now) => subscriptions.notify({ subscriptionId, content }, now)),
    end: (subscriptionId) =>
      shell.run(({ subscriptions }, now) => subscriptions.end({ subscriptionId, reason: 'rejected' }, now)),
  };
}
