import type { RecordingId } from '@crosspoint/contracts';
import type { Contact } from './model.ts';
import { recordingCloseMaxMs, refuse } from './talk.ts';

/** What the caller says to the flow goes to a file of its own. */
export function recordCaller(contact: Contact, recordingId: RecordingId): void {
  const { customer, stage } = contact;
  if (stage.kind !== 'flow' || customer?.phase !== 'up' || contact.flowRecording !== null) {
    return refuse(contact, 'not-in-flow');
  }
  contact.flowRecording = recordingId;
  contact.recordings.set(recordingId, 0);
  contact.fact({ type: 'recording.started', data: { recordingId, segment: 0 } });
  const nobody = { agent: null, agentId: null, queueId: null };
  contact.emit({ type: 'recording.start', recordingId, customer: customer.id, segment: 0, ...nobody });
}

export function stopRecordingCaller(contact: Contact): void {
  const { flowRecording } = contact;
  if (flowRecording === null) return;
  contact.flowRecording = null;
  contact.emit({ type: 'recording.stop', recordingId: flowRecording });
  contact.setTimer(`recording:${flowRecording}`, recordingCloseMaxMs);
}
