import type { FlowTestFailure } from '@crosspoint/core/ivr';
import { m } from '#lib/paraglide/messages.js';

/** What was not as a test expects, in words. */
export function failureWords(failure: FlowTestFailure): string {
  switch (failure.is) {
    case 'no-flow':
      return m.flow_tests_no_flow({ flow: failure.flow });
    case 'unheard':
      return m.flow_tests_unheard({ step: failure.step, text: failure.text, heard: failure.heard });
    case 'not-listening':
      return m.flow_tests_not_listening({ step: failure.step });
    case 'no-queue':
      return m.flow_tests_no_queue({ step: failure.step });
    case 'no-return':
      return m.flow_tests_no_return({ step: failure.step });
    case 'nothing-asked':
      return m.flow_tests_nothing_asked({ step: failure.step });
    case 'queue':
      return m.flow_tests_queue({ expected: failure.expected, seen: failure.seen ?? '–' });
    case 'path':
      return m.flow_tests_path({ expected: failure.expected.join(' '), seen: failure.seen.join(' ') || '–' });
    case 'over':
      return failure.expected ? m.flow_tests_not_over() : m.flow_tests_over();
    case 'at':
      return m.flow_tests_at({ expected: failure.expected, seen: failure.seen ?? '–' });
    case 'variable':
      return m.flow_tests_variable({
        ...{ name: failure.name, expected: String(failure.expected) },
        seen: String(failure.seen) || '–',
      });
  }
}
