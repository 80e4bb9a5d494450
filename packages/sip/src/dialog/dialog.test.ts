import { describe, expect, it } from 'vitest';
import type { Flow } from '../flow/index.ts';
import { createResponse, SipRequest } from '../message/index.ts';
import { Dialog, findDialogFault } from './index.ts';

const flow: Flow = { protocol: 'udp', localAddress: 'a', localPort: 1, remoteAddress: 'b', remotePort: 2 };

function invite(routes: string[] = []): SipRequest {
  const request = new SipRequest('INVITE', 'sip:callee@h');
  request.push('Via', 'SIP/2.0/UDP a;branch=z9hG4bK1');
  request.push('From', 'Caller <sip:caller@h>;tag=from');
  request.push('To', '<sip:callee@h>');
  request.push('Call-ID', 'id');
  request.push('CSeq', '7 INVITE');
  request.push('Contact', '<sip:caller@1.2.3.4:5070;ob>;expires=5');
  for (const route of routes) request.push('Record-Route', route);
  return request;
}

describe('Dialog', () => {
  it('[DLG-01] [RFC3261 §12.1.1] of a UAS: routes in order, target from Contact, tags swapped', () => {
    const dialog = Dialog.ofServer(invite(['<sip:p1;lr>, <sip:p2;lr>']), 'mine', flow);
    const bye = dialog.createRequest('BYE', 'via', dialog.nextSequence());
    expect(bye.uriText).toBe('sip:caller@1.2.3.4:5070;ob');
    expect(bye.headerLines('Route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>']);
    expect([bye.header('From'), bye.header('To'), bye.header('CSeq')]).toEqual([
      '<sip:callee@h>;tag=mine',
      'Caller <sip:caller@h>;tag=from',
      '1 BYE',
    ]);
    expect(dialog.nextHop).toBe('sip:p1;lr');
  });

  it('[DLG-02] [RFC3261 §12.1.2] of a UAC: routes reversed, sequence of the INVITE', () => {
    const request = invite();
    const response = createResponse(request, 200, 'OK', 'theirs');
    response.push('Record-Route', '<sip:p1;lr>, <sip:p2;lr>');
    response.push('Contact', '<sip:callee@5.6.7.8>');
    const dialog = Dialog.ofClient(request, response, flow);
    const info = dialog.createRequest('INFO', 'via', dialog.nextSequence());
    expect(info.uriText).toBe('sip:callee@5.6.7.8');
    expect(info.headerLines('Route')).toEqual(['<sip:p2;lr>', '<sip:p1;lr>']);
    expect([info.header('To'), info.header('CSeq')]).toEqual(['<sip:callee@h>;tag=theirs', '8 INFO']);
  });

  it('[DLG-03] [RFC3261 §12.2.1.1] a strict router is the Request-URI and the target comes last', () => {
    const dialog = Dialog.ofServer(invite(['<sip:strict>', '<sip:p2;lr>']), 'mine', flow);
    const bye = dialog.createRequest('BYE', 'via', 1);
    expect(bye.uriText).toBe('sip:strict');
    expect(bye.headerLines('Route')).toEqual(['<sip:p2;lr>', '<sip:caller@1.2.3.4:5070;ob>']);
  });

  it('[DLG-04] [RFC3261 §12.2.2] takes requests in rising order only, and follows the peer', () => {
    const dialog = Dialog.ofServer(invite(), 'mine', flow);
    const info = (sequence: number): SipRequest => {
      const request = new SipRequest('INFO', 'sip:x');
      request.push('CSeq', `${sequence} INFO`);
      return request;
    };
    const moved = { ...flow, remotePort: 3 };
    expect([dialog.receive(info(7), moved), dialog.receive(info(6), moved)]).toEqual([false, false]);
    expect(dialog.flow).toBe(flow);
    expect(dialog.receive(info(9), moved)).toBe(true);
    expect(dialog.flow).toBe(moved);
    expect(dialog.receive(info(8), flow)).toBe(false);
  });

  it('[DLG-05] [RFC3261 §12.2] a new Contact moves the target; a Contact that is no SIP URI does not', () => {
    const dialog = Dialog.ofServer(invite(), 'mine', flow);
    const refresh = (contact: string): string => {
      const request = new SipRequest('INVITE', 'sip:x');
      request.push('Contact', contact);
      dialog.refreshTarget(request);
      return dialog.export().remoteTarget;
    };
    expect(refresh('<mailto:a@b>')).toBe('sip:caller@1.2.3.4:5070;ob');
    expect(refresh('<sip:moved@9.9.9.9>')).toBe('sip:moved@9.9.9.9');
  });

  it('[DLG-06] [RFC3261 §8.1.1.8] a request whose Contact or routes cannot be sent to makes no dialog', () => {
    const fault = (changes: Record<string, string>, routes: string[] = []) => {
      const request = new SipRequest('INVITE', 'sip:callee@h');
      const original = invite(routes);
      for (const [i, name] of original.names.entries()) {
        const value = changes[name] ?? original.values[i] ?? '';
        if (value !== '') request.push(name, value);
      }
      return findDialogFault(request);
    };
    expect(fault({})).toBeUndefined();
    expect(fault({ Contact: '' })).toBeUndefined();
    expect(fault({ Contact: '<<sip:a@b>' })).toBe('Missing or Malformed Contact');
    expect(fault({ Contact: '<mailto:a@b>' })).toBe('Missing or Malformed Contact');
    expect(fault({ Contact: '', From: '<<sip:a@b>;tag=1' })).toBe('Missing or Malformed Contact');
    expect(fault({}, ['<sip:p;lr>, a'])).toBe('Malformed Record-Route');
    expect(
      fault(
        {},
        Array.from({ length: 70 }, () => '<sip:p;lr>'),
      ),
    ).toBeUndefined();
    expect(
      fault(
        {},
        Array.from({ length: 71 }, () => '<sip:p;lr>'),
      ),
    ).toBe('Too Many Record-Route Values');
  });

  it('[DLG-06] of a response only the routes that can be sent to are kept', () => {
    const request = invite();
    const response = createResponse(request, 200, 'OK', 'theirs');
    for (const route of ['a', '<sip:p1;lr>', '<<sip:x>', '<sip:p2;lr>']) response.push('Record-Route', route);
    response.push('Contact', '<<sip:a@b>');
    const dialog = Dialog.ofClient(request, response, flow);
    const bye = dialog.createRequest('BYE', 'via', dialog.nextSequence());
    expect([bye.uriText, ...bye.headerLines('Route')]).toEqual([
      'sip:callee@h',
      '<sip:p2;lr>',
      '<sip:p1;lr>',
    ]);
  });
});
