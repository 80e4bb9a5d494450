import { type ApiClient, Product, until } from '@crosspoint/e2e';
import { Phone, type PhoneCall, PhoneHost } from '@crosspoint/sim/phones';

/** A product with one queue, and the phones of its agents. */
export type Company = {
  product: Product;
  api: ApiClient;
  number: string;
  queueName: string;
  phones: Phone[];
  close(): Promise<void>;
};

const number = '+420555000111';
const queueName = 'bench';
/** As many registrations and status changes are under way at once. */
const concurrencyMax = 20;

/**
 * Starts the product with `agentCount` agents in one queue; all are registered, and available when `available` says
 * so for their index. They share one host, send no sound unless asked to, and do `onCall` with a call.
 */
export async function startCompany(options: {
  agentCount: number;
  recording: 'never' | 'always';
  available: (index: number) => boolean;
  onCall: (call: PhoneCall, index: number) => void;
  /** The phones send silence while they talk, 50 packets a second; without it nothing. */
  sendSilence?: boolean;
  /** Settings of the product beyond those of benches. */
  env?: Readonly<Record<string, string>>;
}): Promise<Company> {
  const { agentCount, recording } = options;
  const product = await Product.start({ env: { CROSSPOINT_LOG_LEVEL: 'warn', ...options.env } });
  const host = await PhoneHost.open({ keptSecondsMax: 0, isMute: options.sendSilence !== true });
  const close = async (): Promise<void> => {
    host.close();
    await product.dispose();
  };
  try {
    const api = await product.api();
    const usernames = Array.from({ length: agentCount }, (_, index) => `agent-${index + 1}`);
    await api.apply({
      agents: usernames.map((username) => ({ username, sip: { password: `sip ${username}` } })),
      queues: [{ name: queueName, agents: usernames, recording, maxSize: 10_000 }],
      numbers: [{ number, target: { queue: queueName } }],
    });
    const phones = usernames.map((username, index) => {
      const phone = new Phone({ host, server: product.sip, username, password: `sip ${username}` });
      phone.onCall = (call) => options.onCall(call, index);
      return phone;
    });
    await eachOf(phones, (phone) => phone.register(3_600));
    const ids = new Map((await api.liveAgents()).map(({ username, id }) => [username, id]));
    // Whoever registers for the first time is available.
    await eachOf(phones, async (phone, index) => {
      if (options.available(index)) return;
      await api.request('PUT', `/agents/${ids.get(phone.username)}/status`, { status: 'break' });
    });
    const wanted = phones.filter((_, index) => options.available(index)).length;
    let ready = 0;
    await until(
      `${wanted} agents to be ready`,
      async () => {
        ready = (await api.stats(queueName)).agentsReady;
        return ready === wanted;
      },
      { timeoutMs: 30_000, seen: () => ready },
    );
    return { product, api, number, queueName, phones, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Does the work for every item, a few at a time. */
export async function eachOf<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const entries = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) await work(item, index);
  };
  await Promise.all(Array.from({ length: concurrencyMax }, worker));
}
