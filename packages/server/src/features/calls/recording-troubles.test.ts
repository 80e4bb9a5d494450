import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { MediaClient } from '../../media/index.ts';
import { RecordingTroubles } from './recording-troubles.ts';

/** A media process as far as it tells of recordings. */
function processThatTells(hello?: object) {
  const client = Object.assign(new EventEmitter(), { hello });
  return { client, media: client as unknown as MediaClient };
}

test('[REC-02] [OPS-03] a disk that does not keep recordings for good is named, until every process is well again', () => {
  const troubles = new RecordingTroubles();
  const [first, second] = [processThatTells(), processThatTells()];
  for (const { media } of [first, second]) troubles.attach(media);
  expect(troubles.detail).toBeUndefined();
  for (const { client } of [first, second])
    client.emit('recordings-unsecured', { failure: 'EIO: i/o error' });
  expect(troubles.detail).toMatch(/does not keep them for good \(EIO: i\/o error\)/);
  first.client.emit('recordings-unsecured', { failure: null });
  expect(troubles.detail).toMatch(/EIO/);
  // Another run of the process has not met it yet.
  second.client.emit('connected', { hello: { recordings: [], recordingsUnsecured: null } });
  expect(troubles.detail).toBeUndefined();
});

test('[REC-02] [OPS-03] a process that was found running tells what it has met before, and what cannot be written comes first', () => {
  const troubles = new RecordingTroubles();
  const { client, media } = processThatTells({ recordings: [], recordingsUnsecured: 'EIO' });
  troubles.attach(media);
  expect(troubles.detail).toMatch(/EIO/);
  client.emit('recording-failed', { recordingId: 'r', message: 'ENOSPC' });
  expect(troubles.detail).toMatch(/cannot be written, 1 at the moment \(ENOSPC\)/);
  client.emit('recording-closed', { recordingId: 'r' });
  expect(troubles.detail).toMatch(/EIO/);
});
