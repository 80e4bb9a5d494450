/** Loaded into the processes of a product before itself (`--import`): it keeps nothing for the case that one of them dies. */
import { isMainThread } from 'node:worker_threads';

const nothing = (): void => undefined;

/** Puts these in the place of methods of that class. */
function replace(of: { prototype: object }, methods: Record<string, () => unknown>): void {
  for (const [name, method] of Object.entries(methods)) {
    if (!(name in of.prototype)) throw new Error(`${name}: there is no such method any more`);
    Object.defineProperty(of.prototype, name, { value: method });
  }
}

/** No journal of calls, and no description of legs for the next process. */
async function withoutJournal(): Promise<void> {
  const { CallJournal } = await import('../packages/server/src/features/calls/journal.ts');
  const { LegTakeover } = await import('../packages/server/src/carriers/sip/leg-takeover.ts');
  replace(CallJournal, {
    ...{ opened: nothing, input: nothing, leg: nothing, place: nothing, recording: nothing, flow: nothing },
    ...{ registered: nothing, turnEnded: nothing, flush: nothing },
  });
  replace(LegTakeover, { snapshotOf: nothing });
}

/** Recordings are brought to the disk when they are closed. */
async function withoutSync(): Promise<void> {
  const { RecordingDurability } = await import(
    '../packages/server/src/media/process/recording-durability.ts'
  );
  replace(RecordingDurability, { secure: nothing });
}

const program = process.argv[1] ?? '';
if (isMainThread && program.endsWith('/cli/main.ts') && process.argv[2] === 'start') await withoutJournal();
if (isMainThread && program.endsWith('/media/main.ts')) await withoutSync();
