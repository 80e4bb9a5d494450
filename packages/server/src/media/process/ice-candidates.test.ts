import { expect, test } from 'vitest';
import { askedCandidates, hostCandidates } from './ice-candidates.ts';

/** As Firefox writes them, with its addresses hidden and open. */
const hidden = '0 1 UDP 2122187007 37990f68-f60f-44fe-8cd7-b893ee9aaefb.local 51550 typ host';
const overTcp = '2 1 TCP 2105458943 37990f68-f60f-44fe-8cd7-b893ee9aaefb.local 9 typ host tcptype active';
const open = '0 1 UDP 2122187007 192.0.2.7 53987 typ host';

test('[RFC8839 §5.1] [CAR-03] a far end that hides its addresses finds us by itself, and the others are asked', () => {
  expect(askedCandidates([hidden, open], '0.0.0.0')).toEqual([open]);
  expect(askedCandidates([hidden, overTcp], '192.0.2.2')).toEqual([]);
});

test('[CAR-03] at a loopback address hidden addresses are those of this host, of the same family', () => {
  const asked = askedCandidates([hidden, overTcp, open], '127.0.0.1');
  expect(asked).toContain(open);
  expect(asked).toContain('0 1 UDP 2122187007 127.0.0.1 51550 typ host');
  expect(asked.every((candidate) => / UDP \d+ [\d.]+ \d+ typ host$/.test(candidate))).toBe(true);
  expect(askedCandidates([hidden], '::1')).toContain('0 1 UDP 2122187007 ::1 51550 typ host');
});

test('[RFC8445 §5.1.2.1] the address of the outside is preferred', () => {
  const [first, second] = hostCandidates('10.0.0.5', 20_000, '192.0.2.1');
  expect(first).toBe('1 1 UDP 2130706431 192.0.2.1 20000 typ host');
  expect(second).toMatch(/^2 1 UDP 2130706175 10\.0\.0\.5 20000 typ host$/);
});
