import type {
  PromptLanguage,
  RecordingId,
  TenantId,
  UserId,
  Voicemail,
  VoicemailBoxSettings,
} from '@crosspoint/contracts';
import type { Utterance, VoicemailService } from '@crosspoint/core';
import type { Database, DatabaseTransaction } from '../../platform/index.ts';
import { recordAudit } from '../audit/index.ts';
import { DigitAttempts, verifyPassword } from '../auth/index.ts';
import { refusedTry, type ServiceAnswer, type ServiceCall, textOf } from '../telephone/index.ts';
import { findNamed } from '../named/index.ts';
import { boxesOf, boxNumbered, boxOf, type OpenBox } from './boxes.ts';
import { pinHashOf } from './pins.ts';
import {
  archiveMessage,
  countMessages,
  deleteMessage,
  findMessage,
  type MessageState,
  markHeard,
  nextMessage,
} from './repo.ts';
import { heading, spoken } from './spoken.ts';

export interface VoicemailTelephoneContext {
  database: Database;
  tenantId: TenantId;
  now: () => number;
  timeZone: () => string;
  /** The sound of a recording as it is played on a call; undefined when it is gone. */
  soundOf: (recordingId: RecordingId) => Promise<string | undefined>;
  /** A text spoken by the voice of the tenant; undefined when no voice speaks now. */
  spokenText: (text: string, language: PromptLanguage) => Promise<string | undefined>;
  /** What this call has recorded becomes the greeting of that box. */
  keepGreeting: (call: ServiceCall, box: { id: string } & VoicemailBoxSettings) => Promise<void>;
  mayCall: (number: string) => boolean;
  messagesChanged: () => void;
}

/** From so many boxes one chooses by a key. */
const choicesMax = 9;

const folders: Readonly<Record<string, MessageState>> = {
  new: 'unheard',
  old: 'heard',
  archived: 'archived',
};

/** What the menu of a box does. It keeps nothing of a call: which box is open and which message is heard stand in the call's variables. */
export class VoicemailTelephone {
  readonly #context: VoicemailTelephoneContext;
  readonly #attempts = new DigitAttempts();

  constructor(context: VoicemailTelephoneContext) {
    this.#context = context;
  }

  answer(call: ServiceCall): Promise<ServiceAnswer> | ServiceAnswer {
    switch (call.service as VoicemailService) {
      case 'box.begin':
        return this.#begin(call);
      case 'box.choose':
        return this.#choose(call);
      case 'box.open':
        return this.#open(call);
      case 'box.counts':
        return this.#counts(call);
      case 'box.first':
        return this.#play(call, textOf(call, 'folder'), undefined);
      case 'box.next':
        return this.#play(call, textOf(call, 'folder'), textOf(call, 'message'));
      case 'box.again':
        return this.#again(call);
      case 'box.heard':
      case 'box.archive':
      case 'box.delete':
      case 'box.restore':
        return this.#change(call);
      case 'box.caller':
        return this.#caller(call);
      case 'box.greeting':
        return this.#greeting(call);
      case 'box.keep-greeting':
        return this.#keepGreeting(call);
    }
  }

  // ---------------------------------------------------------------- which box

  async #begin(call: ServiceCall): Promise<ServiceAnswer> {
    const agentId = textOf(call, 'agentId');
    const boxes =
      agentId === '' ? [] : await this.#read((transaction) => boxesOf(transaction, agentId as UserId));
    const [only] = boxes;
    if (only === undefined) return { way: 'none', values: { agentId, own: '' } };
    if (boxes.length === 1) return this.#chosen(only, agentId);
    const choices = boxes.slice(0, choicesMax);
    const language = languageOf(call);
    const says: Utterance[] = [];
    for (const [index, { settings }] of choices.entries()) {
      says.push(...(await this.#choice(settings, index + 1, language)));
    }
    return { way: 'several', values: { agentId, choices: choices.map(({ id }) => id).join(' ') }, says };
  }

  async #choice(
    { name, number }: VoicemailBoxSettings,
    key: number,
    language: PromptLanguage,
  ): Promise<Utterance[]> {
    const path = await this.#context.spokenText(name, language);
    const named: Utterance[] =
      path === undefined
        ? spoken(language, [{ kind: 'digits', digits: number ?? '' }])
        : [{ kind: 'sound', path, language }];
    const press = spoken(language, ['menu-press', { kind: 'digits', digits: String(key) }]);
    return [...spoken(language, ['box-for']), ...named, ...press];
  }

  async #choose(call: ServiceCall): Promise<ServiceAnswer> {
    const id = textOf(call, 'choices').split(' ')[Number(textOf(call, 'choice')) - 1];
    const agentId = textOf(call, 'agentId');
    const boxes = await this.#read((transaction) => boxesOf(transaction, agentId as UserId));
    const box = boxes.find((each) => each.id === id);
    return box === undefined ? { way: 'wrong' } : this.#chosen(box, agentId);
  }

  #chosen({ id, settings: { language }, hasPin }: OpenBox, agentId: string): ServiceAnswer {
    return { way: hasPin ? 'one' : 'unset', values: { agentId, own: id, language } };
  }

  async #open(call: ServiceCall): Promise<ServiceAnswer> {
    const { now } = this.#context;
    const own = textOf(call, 'own');
    const [number, pin] = [textOf(call, 'boxNumber'), textOf(call, 'pin')];
    const source = own === '' ? `caller ${textOf(call, 'caller')}` : `agent ${textOf(call, 'agentId')}`;
    const target = own === '' ? `number ${number}` : own;
    const forgotten = { pin: '' };
    if (this.#attempts.isRefused(source, target, now())) return { way: 'locked', values: forgotten };
    const found = await this.#read(async (transaction) => {
      const row =
        own === ''
          ? await boxNumbered(transaction, number)
          : await findNamed(transaction, 'voicemail_boxes', own);
      return row && { id: row.id, settings: boxOf(row), hash: await pinHashOf(transaction, row.id) };
    });
    // A box that is not there takes as long to be refused as one whose PIN is wrong.
    const isRight = await verifyPassword(found?.hash ?? null, pin);
    if (!isRight || found === undefined) {
      this.#attempts.failed(source, target, now());
      if (found !== undefined) {
        await this.#audit('voicemail-box.pin-refused', 'voicemail-box', found.id, byOf(call), { source });
      }
      const { way, values } = refusedTry(call, own === '' ? 'wrong-number' : 'wrong');
      return { way, values: { ...values, ...forgotten } };
    }
    this.#attempts.succeeded(source);
    const { id, settings } = found;
    return { way: 'open', values: { ...forgotten, tries: 0, box: id, language: settings.language } };
  }

  // ---------------------------------------------------------------- messages

  async #counts(call: ServiceCall): Promise<ServiceAnswer> {
    const counts = (await this.#read(countMessages)).get(textOf(call, 'box'));
    const { unheard, messages } = counts ?? { unheard: 0, messages: 0 };
    const sentence = { kind: 'messages', unheard, heard: messages - unheard } as const;
    return { way: 'told', says: spoken(languageOf(call), [sentence]) };
  }

  async #play(call: ServiceCall, folder: string, after: string | undefined): Promise<ServiceAnswer> {
    const state = folders[folder] ?? 'unheard';
    const message = await this.#read((transaction) =>
      nextMessage(transaction, textOf(call, 'box'), state, after === '' ? undefined : after),
    );
    return message === undefined ? { way: 'none' } : this.#message(call, message, folder);
  }

  async #again(call: ServiceCall): Promise<ServiceAnswer> {
    const message = await this.#current(call);
    return message === undefined ? { way: 'none' } : this.#message(call, message, textOf(call, 'folder'));
  }

  async #message(call: ServiceCall, message: Voicemail, folder: string): Promise<ServiceAnswer> {
    const { now, timeZone, soundOf, spokenText } = this.#context;
    const language = languageOf(call);
    const note = message.note === '' ? undefined : await spokenText(message.note, language);
    const sound = await soundOf(message.recordingId);
    const paths = [note, sound].filter((path) => path !== undefined);
    const says: Utterance[] = [
      ...spoken(language, heading(message, { timeZone: timeZone(), now: now() })),
      ...paths.map((path) => ({ kind: 'sound' as const, path, language })),
    ];
    return { way: 'message', values: { folder, message: message.id }, says };
  }

  /** The message that was played last, as long as it lies in the box that is open. */
  async #current(call: ServiceCall): Promise<Voicemail | undefined> {
    const id = textOf(call, 'message');
    const message =
      id === '' ? undefined : await this.#read((transaction) => findMessage(transaction, id, undefined));
    return message?.boxId === textOf(call, 'box') ? message : undefined;
  }

  async #change(call: ServiceCall): Promise<ServiceAnswer> {
    const { database, tenantId, now } = this.#context;
    const id = textOf(call, 'message');
    const by = byOf(call);
    const box = textOf(call, 'box');
    const at = new Date(now());
    const isRestored = call.service === 'box.restore';
    const isChanged = await database.inTenant(tenantId, async (transaction) => {
      if (isRestored) return restored(transaction, id, box);
      const message = await findMessage(transaction, id, undefined);
      if (message?.boxId !== box) return false;
      if (call.service === 'box.archive') await archiveMessage(transaction, id, at);
      else if (call.service === 'box.delete') await deleteMessage(transaction, id, at);
      else if (message.heardAt === null) await markHeard(transaction, id, { at, by });
      else return false;
      return true;
    });
    if (isChanged) {
      const action = actions[call.service] ?? 'voicemail.updated';
      await this.#audit(action, 'voicemail', id, by, { change: call.service, by: 'telephone' });
      this.#context.messagesChanged();
    }
    return { way: call.service === 'box.heard' ? 'noted' : 'done' };
  }

  /** Calls at the centre's cost are made from the telephones of its people alone. */
  async #caller(call: ServiceCall): Promise<ServiceAnswer> {
    const message = await this.#current(call);
    const number = (message?.callerPhone ?? '').replace(/[\s().-]/g, '');
    const isOwn = textOf(call, 'own') !== '';
    const mayCall = isOwn && /^\+?\d{2,32}$/.test(number) && this.#context.mayCall(number);
    return mayCall ? { way: 'call', values: { number } } : { way: 'refused' };
  }

  // ---------------------------------------------------------------- greeting

  async #greeting(call: ServiceCall): Promise<ServiceAnswer> {
    const settings = (await this.#box(call))?.settings;
    if (settings === undefined) return { way: 'none' };
    const { greeting, language } = settings;
    const says: Utterance[] = [];
    for (const piece of greeting) {
      if ('recording' in piece) says.push(...spoken(language, [piece.recording]));
      if (!('text' in piece)) continue;
      const path = await this.#context.spokenText(piece.text[language] ?? '', language);
      if (path !== undefined) says.push({ kind: 'sound', path, language });
    }
    return says.length === 0 ? { way: 'none' } : { way: 'told', says };
  }

  async #keepGreeting(call: ServiceCall): Promise<ServiceAnswer> {
    const box = await this.#box(call);
    if (box === undefined) throw new Error('the box of a call is gone');
    await this.#context.keepGreeting(call, { id: box.id, ...box.settings });
    return { way: 'done' };
  }

  #box(call: ServiceCall): Promise<{ id: string; settings: VoicemailBoxSettings } | undefined> {
    return this.#read(async (transaction) => {
      const row = await findNamed(transaction, 'voicemail_boxes', textOf(call, 'box'));
      return row && { id: row.id, settings: boxOf(row) };
    });
  }

  #read<Result>(work: (transaction: DatabaseTransaction) => Promise<Result>): Promise<Result> {
    return this.#context.database.inTenant(this.#context.tenantId, work);
  }

  async #audit(
    action: string,
    subjectType: string,
    subjectId: string,
    by: UserId | null,
    after: object,
  ): Promise<void> {
    const { tenantId } = this.#context;
    const actor = { kind: by === null ? ('system' as const) : ('user' as const), userId: by, ip: null };
    await this.#read((transaction) =>
      recordAudit(transaction, { tenantId, actor, action, subjectType, subjectId, after }),
    );
  }
}

const actions: Readonly<Record<string, string>> = {
  'box.delete': 'voicemail.deleted',
  'box.restore': 'voicemail.restored',
};

/** A message that was deleted in this box lies there again. */
async function restored(transaction: DatabaseTransaction, id: string, box: string): Promise<boolean> {
  const row = await transaction
    .selectFrom('voicemails')
    .select('box_id')
    .where('id', '=', id)
    .where('deleted_at', 'is not', null)
    .executeTakeFirst();
  if (row?.box_id !== box) return false;
  await deleteMessage(transaction, id, null);
  return true;
}

/** Whose telephone it is that calls; null when it is nobody's. */
function byOf(call: ServiceCall): UserId | null {
  return textOf(call, 'own') === '' ? null : (textOf(call, 'agentId') as UserId);
}

function languageOf(call: ServiceCall): PromptLanguage {
  return textOf(call, 'language') as PromptLanguage;
}
