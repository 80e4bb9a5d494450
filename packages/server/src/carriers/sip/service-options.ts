import type { AgentId, TenantId, TrunkId } from '@crosspoint/contracts';
import type { Binding } from '@crosspoint/sip';
import type { Database, UdpChoice } from '../../platform/index.ts';
import type { CarrierEvents, LegMedia } from '../door.ts';
import type { LineDefence } from './defence/index.ts';
import type { SipLegSnapshot } from './leg-snapshot.ts';
import type { StarCommand } from './star-codes.ts';
import type { CredentialFiles } from './transport-credentials.ts';
import type { SipTrunk } from './trunk.ts';

export interface SipServiceOptions {
  host: string;
  port: number;
  /** How datagrams are read and sent; `auto` when not told. */
  datagrams?: UdpChoice;
  publicAddress: string | undefined;
  /** Undefined: no SIP over TLS. Without `files` the server makes a certificate of its own. */
  tls: { port: number; files: CredentialFiles | undefined; dir: string | undefined } | undefined;
  /** Registered telephones are asked by OPTIONS after so much silence, in milliseconds; 0: never. */
  qualifyIntervalMs: number;
  /** The one tenant of today; found by number or domain later. */
  tenantId: TenantId;
  dataDir: string;
  version: string;
  database: Database;
  media: LegMedia;
  /** Opened before, closed after this service. */
  defence: LineDefence;
  /** Milliseconds since the epoch, never backwards. */
  now: () => number;
  newId: () => string;
  /** User part of our Contact at a trunk: unforeseeable, and the same after a restart. */
  contactUserOf: (id: TrunkId) => string;
  events: SipServiceEvents;
  log: {
    debug(fields: object, message: string): void;
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

export interface SipServiceEvents {
  /** The centre that takes a call to this number; one tenant today, found by number or domain later. */
  centre(): CarrierEvents;
  deviceChanged(agentId: AgentId): void;
  /** The agent with that extension. */
  agentAt(extension: string): AgentId | undefined;
  /** Whether that agent may take calls of colleagues. Rejects when that cannot be found out now. */
  mayPickUp(agentId: AgentId): Promise<boolean>;
  /** An agent dialled a `*` code; true when it was carried out. */
  starCode(agentId: AgentId, command: StarCommand): boolean;
  /** What another process would need to go on with a leg has changed. */
  legChanged(snapshot: SipLegSnapshot): void;
  /** The devices of an address of record changed; the database learns of it a moment later. */
  registered(aor: string, bindings: readonly Binding[]): void;
  /** Something is about to be sent. */
  sending(): void;
  /** What people see of a trunk has changed. */
  trunkChanged(trunk: SipTrunk): void;
}
