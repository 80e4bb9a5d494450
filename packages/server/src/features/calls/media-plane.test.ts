import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContactId, LegId, RecordingId } from '@crosspoint/contracts';
import { afterEach, expect, test, vi } from 'vitest';
import type { SocketRequest } from '../../carriers/door.ts';
import { MediaSupervisor } from '../../media/index.ts';
import { newId } from '../../platform/index.ts';
import type { MediaPlace } from './media-places.ts';
import { MediaPlane } from './media-plane.ts';

const opened: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

const contactId = 'contact' as ContactId;
const [customer, agent, third] = ['customer', 'agent', 'third'] as LegId[] as [LegId, LegId, LegId];
const request: SocketRequest = { transport: 'rtp', bindAddress: '127.0.0.1' };

function folder(): string {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'crosspoint-plane-'));
  opened.push(() => rmSync(dataDirectory, { recursive: true, force: true }));
  return dataDirectory;
}

/**
 * @param former what another control process had heard last in that folder, of which this one takes up everything
 * @param settings of the supervisor, besides
 */
async function plane(
  dataDirectory = folder(),
  former?: { heard: number },
  settings: { askEveryMs?: number } = {},
) {
  const places: MediaPlace[] = [];
  const moved = Promise.withResolvers<Map<LegId, number>>();
  const ended = Promise.withResolvers<{ durationSeconds: number; complete: boolean }>();
  const ports = new Map<LegId, number>();
  const faults: string[] = [];
  const supervisor = new MediaSupervisor(
    {
      ...{ processCount: 1, dataDirectory, bindAddress: '127.0.0.1', orphanExitSeconds: 5 },
      ...{ rtpPortMin: 18_400, rtpPortMax: 18_599, holdEvents: former !== undefined, ...settings },
    },
    { down: ({ client }) => media.evacuate(client) },
  );
  const media = new MediaPlane(
    () => supervisor.nodes.map(({ client }) => client),
    {
      digit: () => undefined,
      played: () => undefined,
      speech: () => undefined,
      sound: () => undefined,
      answerDetected: () => undefined,
      messageReady: () => undefined,
      silent: () => undefined,
      soundLost: () => undefined,
      transportFailed: () => undefined,
      qualityChanged: () => undefined,
      recordingEnded: (_id, { durationSeconds }, complete) => ended.resolve({ durationSeconds, complete }),
      recordingTrouble: (_id, detail) => void faults.push(detail),
      moved: (legId, { port }) => {
        ports.set(legId, port);
        if (ports.size === 2) moved.resolve(ports);
      },
      lost: (legIds) => void faults.push(`lost ${legIds.join()}`),
      placed: (place) => void places.push(place),
      fault: (_what, detail) => void faults.push(detail),
    },
    newId,
  );
  for (const { client } of supervisor.nodes) {
    media.attach(client);
    if (former !== undefined) client.hearAfter(former.heard);
  }
  await supervisor.start();
  opened.push(() => supervisor.stop());
  const client = supervisor.nodes[0]?.client;
  if (client === undefined) throw new Error('There is no media process.');
  const parts = { media, client, supervisor, places, faults, dataDirectory };
  return { ...parts, moved: moved.promise, ended: ended.promise };
}

test('[OPS-03] [REC-02] the legs of a media process that died are in its successor, and a recording goes on in its file', async () => {
  const { media, client, moved, ended, faults, dataDirectory } = await plane();
  await Promise.all([
    media.allocate(contactId, customer, request),
    media.allocate(contactId, agent, request),
  ]);
  media.bridge(customer, agent);
  const recordingId = newId() as RecordingId;
  const path = join(dataDirectory, 'one.wav');
  media.recordings.start(recordingId, { path, format: 'wav' }, customer, agent);
  const startedAtMs = performance.now();
  await client.stats();
  process.kill(client.hello?.processId ?? 0, 'SIGKILL');
  // A leg that begins in between waits for the successor, or gets a socket that is gone already and is moved too.
  await new Promise<void>((resolve) => client.on('disconnected', () => resolve()));
  const newcomer = media.allocate(contactId, third, request);
  const ports = await moved;
  const { port } = await newcomer;
  const inUse = [ports.get(customer), ports.get(agent), ports.get(third) ?? port];
  expect(new Set(inUse).size).toBe(3);
  expect(media.areTogether(customer, third)).toBe(true);
  const atStopSeconds = (performance.now() - startedAtMs) / 1000;
  media.recordings.stop(recordingId);
  const { durationSeconds, complete } = await ended;
  const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
  expect(complete).toBe(true);
  expect(durationSeconds).toBeLessThan(elapsedSeconds + 0.1);
  expect(durationSeconds).toBeGreaterThan(atStopSeconds - 0.3);
  expect(readFileSync(path).length).toBeGreaterThan(durationSeconds * 32_000);
  for (const legId of [customer, agent, third]) media.release(legId);
  expect((await client.stats()).bridges).toBe(0);
  expect(faults).toEqual([]);
});

test('[OPS-03] [REC-02] a recording that was to stop when its media process died ends with what is in its file', async () => {
  const { media, client, ended, dataDirectory } = await plane();
  await media.allocate(contactId, customer, request);
  const recordingId = newId() as RecordingId;
  const path = join(dataDirectory, 'two.wav');
  media.recordings.start(recordingId, { path, format: 'wav' }, customer, customer);
  await client.once('recording-progress');
  process.kill(client.hello?.processId ?? 0, 'SIGKILL');
  media.recordings.stop(recordingId);
  const { durationSeconds, complete } = await ended;
  expect(complete).toBe(true);
  expect(durationSeconds).toBeGreaterThan(0.5);
  media.release(customer);
});

test('[REC-02] a recording whose end takes the media process long, as on a slow disk, is whole', async () => {
  // In truth its disk alone is slow; here all of it stands still, and is not to be taken for one that hangs.
  const isNotAsked = { askEveryMs: 600_000 };
  const { media, client, ended, faults, dataDirectory } = await plane(folder(), undefined, isNotAsked);
  await media.allocate(contactId, customer, request);
  const recordingId = newId() as RecordingId;
  const path = join(dataDirectory, 'slow.wav');
  media.recordings.start(recordingId, { path, format: 'wav' }, customer, customer);
  await client.once('recording-progress');
  const processId = client.hello?.processId ?? 0;
  process.kill(processId, 'SIGSTOP');
  opened.push(() => void process.kill(processId, 'SIGCONT'));
  media.recordings.stop(recordingId);
  await vi.waitUntil(() => faults.some((fault) => fault.includes('no reply')), { timeout: 90_000 });
  process.kill(processId, 'SIGCONT');
  const { durationSeconds, complete } = await ended;
  expect(complete).toBe(true);
  expect(durationSeconds).toBeGreaterThan(0.5);
  media.release(customer);
});

test('[OPS-03] [REC-02] a recording that a former process had stopped without a trace in its journal goes on to the end of the talk', async () => {
  const former = await plane();
  await former.media.allocate(contactId, customer, request);
  const recordingId = newId() as RecordingId;
  const file = { path: join(former.dataDirectory, 'three.wav'), format: 'wav' } as const;
  former.media.recordings.start(recordingId, file, customer, null);
  const startedAtMs = performance.now();
  await former.client.stats();
  const heard = former.client.lastSequence ?? 0;
  // It had heard the hang-up, and died before it wrote that down; the telephone repeats it to the next one.
  await former.client.stopRecording(recordingId);
  former.supervisor.detach();
  const { media, client, ended } = await plane(former.dataDirectory, { heard });
  media.takeover.recall(former.places);
  media.takeover.recallRecording(recordingId, file, { customer, agent: null, startedAtMs });
  media.takeover.resume();
  client.deliver();
  await client.once('recording-progress');
  const atStopSeconds = (performance.now() - startedAtMs) / 1000;
  media.recordings.stop(recordingId);
  const { durationSeconds, complete } = await ended;
  expect(complete).toBe(true);
  expect(durationSeconds).toBeGreaterThan(atStopSeconds - 0.1);
  media.release(customer);
});

test('[SUP-02] a leg that takes the place of another one has its seat in the room, its supervisor, its silence and its recordings', async () => {
  const { media, client, faults, dataDirectory } = await plane();
  const page = 'agent.1' as LegId;
  await Promise.all([customer, agent, third].map((legId) => media.allocate(contactId, legId, request)));
  media.openRoom(contactId, 'main');
  media.joinRoom(contactId, 'main', customer, null);
  media.joinRoom(contactId, 'main', agent, null);
  media.joinRoom(contactId, 'main', third, { mode: 'whisper', legId: agent });
  media.mute(agent, true);
  const [ofRoom, ofAgent] = [newId(), newId()] as [RecordingId, RecordingId];
  for (const recordingId of [ofRoom, ofAgent]) {
    const file = { path: join(dataDirectory, `${recordingId}.wav`), format: 'wav' as const };
    media.recordings.start(recordingId, file, customer, agent);
  }
  media.recordings.hear(ofRoom, contactId, { room: 'main' });
  await media.allocate(contactId, page, request);
  const tell = vi.spyOn(client, 'tell');
  media.rename(page, agent);
  const told = new Map(tell.mock.calls.map(([method, params]) => [method, params]));
  const taken = { conferenceId: `${contactId}.main`, supervision: null };
  expect(told.get('conference.join')).toMatchObject(taken);
  const { legId } = told.get('conference.join') as { legId: string };
  expect(told.get('leg.mute')).toEqual({ legId, muted: true });
  expect(told.get('conference.set')).toMatchObject({ supervision: { mode: 'whisper', legId } });
  const attached = tell.mock.calls.filter(([method]) => method === 'recording.attach');
  expect(attached.map(([, params]) => params)).toEqual([
    { recordingId: ofAgent, left: expect.any(String), right: legId },
  ]);
  await client.stats();
  expect(faults).toEqual([]);
  media.leaveRoom(agent);
  media.closeRoom(contactId, 'main');
  for (const legId of [customer, agent, third]) media.release(legId);
});
