import { expect, test } from 'vitest';
import { screenPopAddress } from './screen-pop.ts';

test('[API-05] a screen-pop link takes the values of the contact, and nothing in them reaches the address', () => {
  const values = {
    callerPhone: '+420 1&2',
    callerName: 'Åsa "/../"',
    contactId: 'c1',
    queue: 'a#b',
    agent: '',
  };
  const address = screenPopAddress(
    'https://crm.example/find?phone={callerPhone}&n={callerName}&q={queue}&a={agent}&x={other}#{contactId}',
    values,
  );
  expect(address).toBe(
    'https://crm.example/find?phone=%2B420%201%262&n=%C3%85sa%20%22%2F..%2F%22&q=a%23b&a=&x=#c1',
  );
});
