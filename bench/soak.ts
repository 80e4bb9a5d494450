/**
 * Endurance: as many calls at once as `--calls` says for `--minutes`, beginning and ending at random, some abandoned in the
 * queue, some ended by the agent. Prints memory, descriptors and timers as it goes, and at the end whether they came back:
 * `npm run bench -- soak [--minutes 60] [--calls 200] [--settle-minutes 10] [--speaking 20] [--record]`
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ApiError, type Product, until } from '@crosspoint/e2e';
import { Phone, type PhoneCall, PhoneHost } from '@crosspoint/sim/phones';
import { type Company, startCompany } from './company.ts';
import { usageOf } from './figures.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    calls: { type: 'string', default: '200' },
    'settle-minutes': { type: 'string', default: '10' },
    speaking: { type: 'string', default: '20' },
    record: { type: 'boolean', default: false },
  },
});
const callCount = Number(values.calls);
const minutes = Number(values.minutes);
const settleMinutes = Math.min(Number(values['settle-minutes']), minutes / 2);
/** Callers who say a tone all the time; the others send silence. */
const speakingCount = Number(values.speaking);
/** Fewer agents than callers, so that a few always wait with music. */
const agentCount = Math.ceil(callCount * 0.95);
const talkMeanMs = 45_000;
const pauseMeanMs = 2_000;
/** Who has waited for so long gives up. */
const patienceMeanMs = 20_000;
const answerDelayMaxMs = 3_000;
const sampleSeconds = 30;
/** Transactions and closed contacts are forgotten within this time. */
const restSeconds = 75;
/** A descriptor or two may be a connection of the database or of this bench. */
const descriptorsTolerated = 8;
const timersTolerated = 8;
const growthMaxPercent = 5;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Exponentially distributed, as times of telephony are; at most six times the mean. */
const random = (meanMs: number): number => meanMs * Math.min(6, -Math.log(1 - Math.random()));

interface Sample {
  controlBytes: number;
  mediaBytes: number;
  databaseBytes: number;
  controlDescriptors: number;
  mediaDescriptors: number;
  controlTimers: number;
}

async function sample(product: Product): Promise<Sample> {
  const usage = usageOf(product);
  const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
  const media = product.processes().filter(({ commandLine }) => commandLine.includes('crosspoint-media'));
  const metrics = await (await fetch(`${product.httpUrl}/metrics`)).text();
  const timers = /^crosspoint_nodejs_active_resources\{type="Timeout"\} (\d+)$/m.exec(metrics)?.[1];
  return {
    controlBytes: usage.control.residentBytes,
    mediaBytes: usage.media.residentBytes,
    databaseBytes: usage.database.residentBytes,
    controlDescriptors: descriptors(product.pid),
    mediaDescriptors: media.reduce((sum, { pid }) => sum + descriptors(pid), 0),
    controlTimers: Number(timers ?? 0),
  };
}

function print(label: string, calls: number, begun: number, failed: number, now: Sample): void {
  const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(1).padStart(7);
  const count = (value: number): string => String(value).padStart(6);
  console.log(
    `${label.padEnd(9)}${count(calls)}${count(begun)}${count(failed)}  ${mb(now.controlBytes)}${mb(now.mediaBytes)}${mb(now.databaseBytes)}` +
      `  ${count(now.controlDescriptors)}${count(now.mediaDescriptors)}${count(now.controlTimers)}`,
  );
}

/** People who call again and again until they are told to stop. */
class Callers {
  begun = 0;
  failed = 0;
  readonly #stopped = Promise.withResolvers<void>();
  #isStopped = false;
  readonly #company: Company;
  readonly #host: PhoneHost;
  readonly #running: Promise<void>[];

  constructor(company: Company, host: PhoneHost) {
    this.#company = company;
    this.#host = host;
    this.#running = Array.from({ length: callCount }, (_, index) => {
      const says = index < speakingCount ? 400 : 'silence';
      const username = `caller-${index}`;
      return this.#run(new Phone({ host, server: company.product.sip, username, says }));
    });
  }

  get up(): number {
    return this.#host.calls.size;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopped.resolve();
    for (const call of this.#host.calls.values()) call.hangUp();
    await Promise.all(this.#running);
    this.#host.close();
  }

  async #run(phone: Phone): Promise<void> {
    await this.#pause(random(talkMeanMs));
    while (!this.#isStopped) {
      this.begun++;
      try {
        await this.#call(phone);
      } catch (error) {
        if (this.#isStopped) return;
        this.failed++;
        console.error(`${phone.username}: ${error instanceof Error ? error.message : String(error)}`);
      }
      await this.#pause(random(pauseMeanMs));
    }
  }

  /** Ends early when the callers are told to stop. */
  async #pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const elapsed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([elapsed, this.#stopped.promise]);
    clearTimeout(timer);
  }

  /** Half of the calls are ended by the caller, the others by the agent. */
  async #call(phone: Phone): Promise<void> {
    const call = await phone.call(this.#company.number);
    await call.answered(60_000);
    const patienceMs = random(talkMeanMs + patienceMeanMs);
    await Promise.race([call.ended(patienceMs + 60_000), this.#pause(patienceMs)]);
    if (call.isUp) call.hangUp();
    await call.ended(30_000);
  }
}

function answerAtRandom(call: PhoneCall): void {
  setTimeout(() => {
    if (call.at.ended !== undefined) return;
    call.answer();
    setTimeout(() => call.isUp && call.hangUp(), random(talkMeanMs));
  }, Math.random() * answerDelayMaxMs);
}

const company = await startCompany({
  agentCount,
  recording: values.record ? 'always' : 'never',
  available: () => true,
  onCall: answerAtRandom,
  sendSilence: true,
});
const problems: string[] = [];
try {
  const { product } = company;
  console.log(
    `${callCount} calls at once for ${minutes} minutes, ${agentCount} agents, ${speakingCount} speaking`,
  );
  console.log(
    'minute    calls begun failed      MB: control, media, database   descriptors: control, media; timers',
  );
  const start = await sample(product);
  print('start', 0, 0, 0, start);
  const callers = new Callers(company, await PhoneHost.open({ keptSecondsMax: 0 }));
  const samples: { minute: number; sample: Sample }[] = [];
  const startedAtMs = performance.now();
  for (;;) {
    await pause(sampleSeconds * 1_000);
    const minute = (performance.now() - startedAtMs) / 60_000;
    const now = await sample(product);
    samples.push({ minute, sample: now });
    print(minute.toFixed(1), callers.up, callers.begun, callers.failed, now);
    if (minute >= minutes) break;
  }
  await callers.stop();
  await until('every contact to be closed', noCallLeft, { timeoutMs: 120_000 });
  await pause(restSeconds * 1_000);
  const end = await sample(product);
  print('end', 0, callers.begun, callers.failed, end);
  judge(start, end, samples);
  if (callers.failed > 0) problems.push(`${callers.failed} of ${callers.begun} calls failed`);
} finally {
  await company.close();
}
console.log(problems.length === 0 ? 'everything came back' : problems.join('\n'));
process.exitCode = problems.length === 0 ? 0 : 1;

/** A machine that is busy with other things may refuse to say; then it is asked again. */
async function noCallLeft(): Promise<boolean> {
  try {
    return (await company.api.calls()).length === 0;
  } catch (error) {
    if (error instanceof ApiError && error.status === 503) return false;
    throw error;
  }
}

/** Compares the first two minutes after settling with the last two, and what is left with what there was. */
function judge(start: Sample, end: Sample, samples: readonly { minute: number; sample: Sample }[]): void {
  const mean = (field: keyof Sample, from: number, to: number): number => {
    const chosen = samples.filter(({ minute }) => minute >= from && minute <= to);
    return chosen.reduce((sum, { sample: each }) => sum + each[field], 0) / Math.max(1, chosen.length);
  };
  const last = samples.at(-1)?.minute ?? 0;
  for (const field of ['controlBytes', 'mediaBytes'] as const) {
    const settled = mean(field, settleMinutes, settleMinutes + 2);
    const growth = 100 * (mean(field, last - 2, last) / settled - 1);
    console.log(
      `${field.replace('Bytes', '')}: resident memory ${growth.toFixed(1)} % since minute ${settleMinutes}`,
    );
    if (growth > growthMaxPercent) problems.push(`${field}: grown by ${growth.toFixed(1)} %`);
  }
  const limits = {
    controlDescriptors: descriptorsTolerated,
    mediaDescriptors: descriptorsTolerated,
    controlTimers: timersTolerated,
  };
  for (const [field, tolerated] of Object.entries(limits) as [keyof Sample, number][]) {
    if (end[field] > start[field] + tolerated)
      problems.push(`${field}: ${start[field]} at the start, ${end[field]} at the end`);
  }
}
