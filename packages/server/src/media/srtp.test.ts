import { openSrtp, type SrtpProfileName, srtpMasterBytes, srtpMasterToBase64 } from '@crosspoint/media';
import { expect } from 'vitest';
import { srtpCrypto } from './process/srtp-crypto.ts';
import type { LegRemoteParams } from './protocol.ts';
import {
  type ContractTest,
  contractTest,
  expectContinuous,
  expectHears,
  refusal,
} from './testing/contract.ts';

const suites: SrtpProfileName[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_256_GCM'];

function master(suite: SrtpProfileName, first: number): Uint8Array {
  return Uint8Array.from({ length: srtpMasterBytes(suite) }, (_, i) => first + i);
}

function encryptedTests(test: ContractTest): void {
  for (const suite of suites) {
    test(`[CAR-05] bridges a leg encrypted by ${suite} with a plain one`, async (world) => {
      const [toUs, fromUs] = [master(suite, 1), master(suite, 101)];
      const keys = { suite, sendKey: srtpMasterToBase64(fromUs), receiveKey: srtpMasterToBase64(toUs) };
      const customer = await world.leg('customer', 'PCMA', { srtp: keys });
      const agent = await world.leg('agent');
      await world.client.bridge('customer', 'agent');
      // Without keys nothing is accepted.
      customer.speak(2000);
      agent.speak(1000);
      await customer.until('something', () => customer.heardCount > 5);
      expect(agent.heardCount).toBe(0);
      customer.silent();
      customer.encrypt(openSrtp(suite, toUs, srtpCrypto), openSrtp(suite, fromUs, srtpCrypto));
      customer.packets.length = 0;
      customer.speak(440);
      await Promise.all([expectHears(customer, 1000, 440), expectHears(agent, 440, 1000)]);
      expectContinuous(customer);
      expect(customer.refusedCount).toBe(0);
      // The same keys again, as a session refresh says them, go on in the same key stream.
      const remote = { legId: 'customer', address: '127.0.0.1', port: customer.port, codec: 'PCMA' } as const;
      const agreed = {
        ...remote,
        payloadType: 8,
        direction: 'sendrecv',
        ptimeMs: 20,
        rtcpMux: false,
      } as const;
      await world.client.setRemote({ ...agreed, srtp: keys, rtcpPort: customer.rtcpPort });
      await Promise.all([expectHears(customer, 1000, 440), expectHears(agent, 440, 1000)]);
      await customer.until('a report', () => customer.reports.length > 0);
      expect(customer.refusedCount).toBe(0);
    });
  }

  test('[CAR-05] goes on in the clear when that was agreed, and encrypted again by other keys', async (world) => {
    const suite = 'AES_CM_128_HMAC_SHA1_80';
    const keysFrom = (first: number) => ({ toUs: master(suite, first), fromUs: master(suite, first + 100) });
    const srtpOf = ({ toUs, fromUs }: ReturnType<typeof keysFrom>) => ({
      ...{ suite, sendKey: srtpMasterToBase64(fromUs), receiveKey: srtpMasterToBase64(toUs) },
    });
    const [first, second] = [keysFrom(1), keysFrom(51)];
    const customer = await world.leg('customer', 'PCMA', { srtp: srtpOf(first) });
    const agent = await world.leg('agent');
    await world.client.bridge('customer', 'agent');
    agent.speak(1000);
    const agreed: LegRemoteParams = {
      ...{ legId: 'customer', address: '127.0.0.1', port: customer.port, rtcpPort: customer.rtcpPort },
      ...{ codec: 'PCMA', payloadType: 8, direction: 'sendrecv', ptimeMs: 20, rtcpMux: false },
    };
    await world.client.setRemote(agreed);
    customer.speak(440);
    await Promise.all([expectHears(customer, 1000, 440), expectHears(agent, 440, 1000)]);
    await world.client.setRemote({ ...agreed, srtp: srtpOf(second) });
    customer.encrypt(openSrtp(suite, second.toUs, srtpCrypto), openSrtp(suite, second.fromUs, srtpCrypto));
    await Promise.all([expectHears(customer, 1000, 440), expectHears(agent, 440, 1000)]);
  });

  test('[CAR-05] refuses keys of the wrong length and unknown suites', async (world) => {
    const key = srtpMasterToBase64(master('AES_CM_128_HMAC_SHA1_80', 1));
    for (const suite of ['F8_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM']) {
      const leg = world.leg(`leg-${suite}`, 'PCMU', { srtp: { suite, sendKey: key, receiveKey: key } });
      expect(await refusal(leg)).toBe('invalid-request');
    }
  });
}

encryptedTests(contractTest('koffi', 17_000));
encryptedTests(contractTest('dgram', 17_400));
