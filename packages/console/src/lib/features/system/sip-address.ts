import type { SystemInfo } from '@crosspoint/contracts';

const standardPort = 5060;

/** The address that an agent's telephone registers as: `sip:alice@host`, with the port where it is not 5060. */
export function sipAddress({ sip }: Pick<SystemInfo, 'sip'>, username: string): string {
  const host = sip.publicHost ?? sip.host;
  const port = sip.transports.find(({ transport }) => transport === 'udp')?.port ?? sip.transports[0]?.port;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return port === undefined || port === standardPort
    ? `sip:${username}@${shownHost}`
    : `sip:${username}@${shownHost}:${port}`;
}
