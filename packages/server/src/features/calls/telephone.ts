import { join } from 'node:path';
import type {
  AgentId,
  FlowId,
  NumberTarget,
  PromptLanguage,
  RecordingId,
  TenantId,
} from '@crosspoint/contracts';
import {
  conferenceReception,
  promptMenu,
  recordedVariable,
  type RunnableFlow,
  voicemailMenu,
} from '@crosspoint/core';
import { type Database, newId } from '../../platform/index.ts';
import type { AnsweringFlow } from '../flows/index.ts';
import { PromptTelephone } from '../prompts/index.ts';
import { SoundShelf } from '../sound-files/index.ts';
import { SpeechError, type Speech } from '../speech/index.ts';
import type { ServiceCall, Services } from '../telephone/index.ts';
import { setGreeting, VoicemailTelephone } from '../voicemails/index.ts';
import type { CentreLog, CentreState } from './state.ts';

export interface TelephoneContext {
  database: Database;
  tenantId: TenantId;
  state: CentreState;
  speech: Speech;
  dataDir: string;
  recordingsDir: string;
  routeRefusal: (number: string) => { code: number; reason: string } | undefined;
  messagesChanged: () => void;
  configurationChanged: () => Promise<void>;
  now: () => number;
  log: CentreLog;
}

/** What answers a number whose caller uses the centre by telephone alone; undefined for any other number. */
export function menuBehind(target: NumberTarget, agentId: AgentId | undefined): AnsweringFlow | undefined {
  if (target.kind === 'voicemail-menu') return answering(voicemailMenu(target.language, agentId ?? ''));
  if (target.kind === 'conferences') return answering(conferenceReception(target.language, false));
  return target.kind === 'prompt-menu' ? answering(promptMenu(target.language)) : undefined;
}

/** What an agent comes to who joins a conference from the desk. */
export const deskReception = (language: PromptLanguage): AnsweringFlow =>
  answering(conferenceReception(language, true));

function answering(document: RunnableFlow): AnsweringFlow {
  return { id: document.name as FlowId, version: 1, document };
}

/** What the menus by telephone do, joined to the features whose things they change. */
export function telephoneServices(context: TelephoneContext): Services {
  const { database, tenantId, state, dataDir, now, log } = context;
  const shelf = new SoundShelf(join(dataDir, 'telephone'));
  const recordedBy = (call: ServiceCall) => recordingFile(context, call);
  const prompts = new PromptTelephone({
    ...{ database, dataDir, tenantId, now, recordedBy },
    changed: context.configurationChanged,
  });
  const boxes = new VoicemailTelephone({
    ...{ database, tenantId, now },
    timeZone: () => state.configuration.timeZone,
    soundOf: (recordingId) => messageSound(context, shelf, recordingId),
    spokenText: (text, language) => spokenText(context.speech, text, language),
    keepGreeting: async (call, box) => {
      const name = `greeting-${box.id.replaceAll('-', '').slice(-12)}`;
      await prompts.store(`${box.language}.${name}`, recordedBy(call), null);
      await database.inTenant(tenantId, (transaction) => setGreeting(transaction, box.id, name));
      await context.configurationChanged();
    },
    mayCall: (number) => context.routeRefusal(number) === undefined,
    messagesChanged: context.messagesChanged,
  });
  return async (call) => {
    try {
      if (call.service === 'recording.review') {
        const path = await shelf.pathOf(newId(), recordedBy(call));
        const language = call.values['language'] as PromptLanguage;
        return { way: 'heard', says: [{ kind: 'sound', path, language }] };
      }
      return await (call.service.startsWith('box.') ? boxes.answer(call) : prompts.answer(call));
    } catch (error) {
      const { contactId, service } = call;
      log.error({ err: error, contactId, service }, 'a menu by telephone could not go on');
      throw error;
    }
  };
}

/** Only what this call has recorded itself. */
function recordingFile(
  { state, recordingsDir }: TelephoneContext,
  { contactId, values }: ServiceCall,
): string {
  const recording = state.contacts.get(contactId)?.recordings.get(values[recordedVariable] as RecordingId);
  if (recording === undefined) throw new Error('the call has recorded nothing');
  return join(recordingsDir, recording.path);
}

async function messageSound(
  { database, tenantId, recordingsDir, log }: TelephoneContext,
  shelf: SoundShelf,
  recordingId: RecordingId,
): Promise<string | undefined> {
  const row = await database.inTenant(tenantId, (transaction) =>
    transaction
      .selectFrom('recordings')
      .select('path')
      .where('id', '=', recordingId)
      .where('deleted_at', 'is', null)
      .executeTakeFirst(),
  );
  if (row === undefined) return undefined;
  return shelf.pathOf(recordingId, join(recordingsDir, row.path)).catch((error: unknown) => {
    log.warn({ err: error, recordingId }, 'the sound of a message cannot be played');
    return undefined;
  });
}

async function spokenText(
  speech: Speech,
  text: string,
  language: PromptLanguage,
): Promise<string | undefined> {
  const spoken = { text, language };
  try {
    await speech.prepareTexts([spoken]);
    return speech.pathOf(spoken);
  } catch (error) {
    if (error instanceof SpeechError) return undefined;
    throw error;
  }
}
