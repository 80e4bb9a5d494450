import type { AgentId, LegId, TenantId } from '@crosspoint/contracts';
import type { CallbackRecord } from '@crosspoint/core';
import type { HttpLookup } from '../flows/index.ts';
import type { Services } from '../telephone/index.ts';
import type { CallerHistory } from '../routing/index.ts';
import type { PromptLibrary } from '../prompts/index.ts';
import type { Recogniser } from '../recognition/index.ts';
import type { Speech } from '../speech/index.ts';
import type { Carrier } from '../../carriers/door.ts';
import type { EndpointState, SipTrunks } from '../../carriers/sip/index.ts';
import type { SecretBox } from '../../platform/index.ts';
import type { CentreConfiguration } from './configuration.ts';
import type { CallJournal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { MediaPlane } from './media-plane.ts';
import type { CentreLog } from './state.ts';

/** What a centre is made of. */
export interface CentreOptions {
  tenantId: TenantId;
  configuration: CentreConfiguration;
  /** Reads the configuration anew. */
  reload: () => Promise<CentreConfiguration>;
  /** Counts the day so far, which is another one in another time zone. */
  countDay: () => Promise<void>;
  carrier: Carrier;
  /** What the carrier must know of a new configuration: accounts of the agents. */
  accountsChanged: (configuration: CentreConfiguration) => void;
  /** The lamps of messages are to be read anew. */
  messagesChanged: () => void;
  /** Whether a device of the agent can be reached now. */
  deviceOf: (agentId: AgentId) => { address: string; reachable: boolean; reason: string };
  /** Whether that agent may take this call of a colleague by telephone, which is noted where it is so. */
  mayPickUp: (agentId: AgentId, legId: LegId) => Promise<boolean>;
  trunks: SipTrunks;
  /** Why no trunk takes calls to that number; undefined when one does. */
  routeRefusal: (number: string) => { code: number; reason: string } | undefined;
  /** Where the agent can be called, each with its state. */
  endpointsOf: (agentId: AgentId) => EndpointState[];
  media: MediaPlane;
  ledger: Ledger;
  prompts: PromptLibrary;
  speech: Speech;
  recogniser: Recogniser;
  lookup: HttpLookup;
  /** Of the menus by telephone. */
  services: Services;
  callerHistory: CallerHistory;
  saveCallback: (record: CallbackRecord) => Promise<void>;
  journal: CallJournal;
  /** Seals what a crash must not end and nobody may read. */
  box: SecretBox;
  /** Has everybody outside wait for the end of a turn. */
  together: (turn: () => void) => void;
  recordingsDir: string;
  /** Milliseconds since the epoch, never backwards. */
  now: () => number;
  newId: () => string;
  log: CentreLog;
}
