import type { Trunk, TrunkInput, TrunkServer, TrunkSettings } from '@crosspoint/contracts';
import type { Versioned } from '#lib/api/client.ts';

interface ServerModel {
  host: string;
  /** NaN: found by DNS. */
  port: number;
  transport: TrunkServer['transport'];
}

/** A trunk as it is edited: lists as lines of text, what may be absent with a switch of its own. */
export interface TrunkModel extends Record<string, unknown> {
  name: string;
  enabled: boolean;
  host: string;
  port: number;
  transport: TrunkServer['transport'];
  alternates: ServerModel[];
  match: string;
  keepAliveSeconds: number;
  /** NaN: no limit. */
  concurrentCallsMax: number;
  callsPerSecondMax: number;
  /** Names of files; empty: the server's own certificate, the public authorities. */
  tls: { certificate: string; authority: string; requireCertificate: boolean };
  srtp: TrunkSettings['srtp'];
  numbering: Omit<TrunkSettings['numbering'], 'country'> & { country: string };
  identity: Omit<TrunkSettings['identity'], 'callerId'> & { callerId: string };
  outgoing: Omit<TrunkSettings['outgoing'], 'prefixes'> & { prefixes: string };
  registers: boolean;
  /** An empty password leaves the one that is set. */
  register: { username: string; password: string; domain: string; expirySeconds: number };
  authenticates: boolean;
  authentication: { username: string; password: string };
}

const noLimit = Number.NaN;

export const newTrunk = (): TrunkModel => ({
  name: '',
  enabled: true,
  host: '',
  port: noLimit,
  transport: 'udp',
  alternates: [],
  match: '',
  keepAliveSeconds: 30,
  concurrentCallsMax: noLimit,
  callsPerSecondMax: noLimit,
  tls: { certificate: '', authority: '', requireCertificate: false },
  srtp: 'off',
  numbering: { country: '', stripPrefix: '', send: 'e164', sendPrefix: '' },
  identity: {
    trusted: false,
    anonymous: 'accept',
    callerId: '',
    send: 'p-asserted-identity',
    diversion: 'none',
  },
  outgoing: { enabled: true, prefixes: '', order: 100 },
  registers: false,
  register: { username: '', password: '', domain: '', expirySeconds: 3600 },
  authenticates: false,
  authentication: { username: '', password: '' },
});

export function trunkModel({ data, etag }: Versioned<Trunk>): Versioned<TrunkModel> {
  const { name, enabled, host, port, transport, keepAliveSeconds, srtp, numbering, identity, outgoing } =
    data;
  const empty = newTrunk();
  return {
    data: {
      ...{ name, enabled, host, transport, keepAliveSeconds, srtp },
      port: port ?? noLimit,
      alternates: data.alternates.map((server) => ({ ...server, port: server.port ?? noLimit })),
      match: data.match.join('\n'),
      concurrentCallsMax: data.concurrentCallsMax ?? noLimit,
      callsPerSecondMax: data.callsPerSecondMax ?? noLimit,
      tls: { ...data.tls, certificate: data.tls.certificate ?? '', authority: data.tls.authority ?? '' },
      numbering: { ...numbering, country: numbering.country ?? '' },
      identity: { ...identity, callerId: identity.callerId ?? '' },
      outgoing: { ...outgoing, prefixes: outgoing.prefixes.join('\n') },
      registers: data.register !== null,
      register:
        data.register === null
          ? empty.register
          : {
              username: data.register.username,
              password: '',
              domain: data.register.domain ?? '',
              expirySeconds: data.register.expirySeconds,
            },
      authenticates: data.authentication !== null,
      authentication:
        data.authentication === null
          ? empty.authentication
          : { username: data.authentication.username, password: '' },
    },
    etag,
  };
}

const lines = (text: string): string[] =>
  text
    .split(/[\n,;]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
const server = ({ host, port, transport }: ServerModel) => ({
  host,
  transport,
  ...(Number.isNaN(port) ? {} : { port }),
});
const account = ({ username, password }: { username: string; password: string }) => ({
  username,
  ...(password === '' ? {} : { password }),
});

/** What is sent. */
export function trunkInput(model: TrunkModel): TrunkInput {
  const { name, enabled, keepAliveSeconds, srtp, numbering, identity, outgoing } = model;
  const { register, authentication } = model;
  return {
    ...{ name, enabled, keepAliveSeconds, srtp },
    ...server(model),
    alternates: model.alternates.map(server),
    match: lines(model.match),
    concurrentCallsMax: orNull(model.concurrentCallsMax),
    callsPerSecondMax: orNull(model.callsPerSecondMax),
    tls: {
      ...model.tls,
      certificate: model.tls.certificate === '' ? null : model.tls.certificate,
      authority: model.tls.authority === '' ? null : model.tls.authority,
    },
    numbering: { ...numbering, country: numbering.country === '' ? null : numbering.country.toUpperCase() },
    identity: { ...identity, callerId: identity.callerId === '' ? null : identity.callerId },
    outgoing: { ...outgoing, prefixes: lines(outgoing.prefixes) },
    ...(model.registers
      ? {
          register: {
            ...account(register),
            ...(register.domain === '' ? {} : { domain: register.domain }),
            expirySeconds: register.expirySeconds,
          },
        }
      : {}),
    ...(model.authenticates ? { authentication: account(authentication) } : {}),
  };
}
