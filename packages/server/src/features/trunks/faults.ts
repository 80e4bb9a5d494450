import { isIP } from 'node:net';
import type { TrunkSettings } from '@crosspoint/contracts';
import { phoneNumbers } from '../../platform/index.ts';

export interface TrunkFault {
  path: (string | number)[];
  value: unknown;
  message: string;
  remedy: string;
}

/** What is well formed but cannot work, with the place of each fault. */
export function trunkFaults(settings: Pick<TrunkSettings, 'match' | 'numbering' | 'identity'>): TrunkFault[] {
  const faults: TrunkFault[] = settings.match.flatMap((network, index) =>
    isNetwork(network)
      ? []
      : [
          {
            path: ['match', index],
            value: network,
            message: 'is not an address or a network',
            remedy: 'Write it like 192.0.2.10 or 192.0.2.0/24.',
          },
        ],
  );
  const { country, send } = settings.numbering;
  if (country !== null && !phoneNumbers().isSupportedCountry(country)) {
    faults.push({
      path: ['numbering', 'country'],
      value: country,
      message: 'is not the code of a country',
      remedy: 'Use a code of ISO 3166-1 such as CZ or ES.',
    });
  }
  if (country === null && (send === 'national' || send === 'international')) {
    faults.push({
      path: ['numbering', 'send'],
      value: send,
      message: 'needs a country',
      remedy: 'Set numbering.country, or write numbers as e164.',
    });
  }
  return faults;
}

function isNetwork(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const version = isIP(address);
  if (version === 0) return false;
  return bits === undefined || Number(bits) <= (version === 4 ? 32 : 128);
}
