import {
  type AgentId,
  type BusinessHours,
  type ContactFact,
  type ContactId,
  type LegId,
  PromptLanguage,
  type QueueId,
} from '@crosspoint/contracts';
import {
  type ContactInput,
  createFlowSession,
  type FlowEffect,
  type FlowInput,
  type FlowRequest,
  type FlowSession,
  type Hearing,
  type Utterance,
} from '@crosspoint/core';
import type { PromptLibrary } from '../prompts/index.ts';
import type { RequestContext, RequestOutcome, RunningRequest } from './request-door.ts';
import type { AnsweringFlow, PublishedFlow } from './published-flow.ts';
import { outcomeOfNote } from './caller-recording.ts';
import { beginRequest } from './requests.ts';
import {
  type CallerNote,
  dueAfterPause,
  type KeptFlow,
  mayRepeat,
  recordingOf,
  replayFlow,
  type Unanswered,
} from './resumption.ts';
import type { LegEar, LegEarEvents } from '../recognition/index.ts';
import type { Speech } from '../speech/index.ts';

/** What this feature needs to know of a contact. */
interface Caller {
  readonly id: ContactId;
  readonly number: string;
  readonly callerPhone: string;
  readonly callerName: string;
}

export interface FlowRunnerContext extends RequestContext {
  library: PromptLibrary;
  speech: Speech;
  /** The published flows by name, as they are now. */
  flows: () => ReadonlyMap<string, PublishedFlow>;
  queueNamed: (name: string) => { id: QueueId; record: boolean } | undefined;
  agentNamed: (username: string) => AgentId | undefined;
  /** Plays these files one after the other; `played` with the name follows. */
  say: (legId: LegId, paths: string[], name: string) => void;
  hush: (legId: LegId) => void;
  /** Listens to one utterance of the caller; why not, when nobody can. */
  openEar: (legId: LegId, hearing: Hearing, events: LegEarEvents) => LegEar | string;
  /** Shared business hours, by name. */
  hours: (calendar: string) => BusinessHours | undefined;
  /** The segments of customers in which whoever has this number is now. */
  segmentsOf: (caller: string) => readonly string[];
}

interface Run {
  readonly caller: Caller;
  readonly flow: AnsweringFlow;
  readonly session: FlowSession;
  legId: LegId | undefined;
  /** Of what was said last. */
  sayName: string;
  timer: NodeJS.Timeout | undefined;
  request: RunningRequest | undefined;
  ear: LegEar | undefined;
  /** Of a former process, until the call goes on. */
  unanswered: Unanswered | undefined;
}

/** The flows that speak with callers now. A call ends on the versions that were published when it came. */
export class FlowRunner {
  readonly #context: FlowRunnerContext;
  readonly #runs = new Map<ContactId, Run>();
  readonly #byLeg = new Map<LegId, Run>();
  #said = 0;
  /** Media processes outlive this one: what the former one had them say has other names. */
  readonly #sayPrefix: string;

  constructor(context: FlowRunnerContext) {
    this.#context = context;
    this.#sayPrefix = `flow:${context.newId()}`;
  }

  /** In which language a flow speaks with the caller now; undefined when none does. */
  languageOf(contactId: ContactId): PromptLanguage | undefined {
    const language = PromptLanguage.safeParse(this.#runs.get(contactId)?.session.variables.get('language'));
    return language.success ? language.data : undefined;
  }

  /** This flow will answer that contact. */
  prepare(caller: Caller, flow: AnsweringFlow): void {
    this.#prepare(caller, flow);
  }

  #prepare(caller: Caller, flow: AnsweringFlow): Run {
    const former = this.#runs.get(caller.id);
    if (former !== undefined) this.#forget(former);
    const flows = this.#context.flows();
    const session = createFlowSession(flow.document, {
      flow: (name) => flows.get(name)?.document,
      hours: this.#context.hours,
    });
    const run: Run = {
      ...{ caller, flow, session },
      ...{
        legId: undefined,
        sayName: '',
        timer: undefined,
        request: undefined,
        ear: undefined,
        unanswered: undefined,
      },
    };
    this.#runs.set(caller.id, run);
    return run;
  }

  /** A flow of a former process is where it was; nothing comes of it before `goOn`. */
  restore(caller: Caller, legId: LegId, { flow, inputs }: KeptFlow): void {
    const run = this.#prepare(caller, flow);
    run.unanswered = replayFlow(run.session, inputs);
    run.legId = legId;
    if (run.session.isOver) this.#forget(run);
    else this.#byLeg.set(legId, run);
  }

  /**
   * What a restored flow was saying is said again, and what it waited for is awaited. False: no flow was restored.
   *
   * @param facts of the contact so far.
   * @param notes of what the caller said into recordings.
   */
  goOn(contactId: ContactId, facts: readonly ContactFact[], notes: readonly CallerNote[]): boolean {
    const run = this.#runs.get(contactId);
    if (run?.unanswered === undefined) return false;
    const { saying, timer, request, queue, listening } = run.unanswered;
    run.unanswered = undefined;
    if (saying !== undefined) this.#say(run, saying);
    if (timer !== undefined) {
      this.#act(run, { type: 'timer.set', at: dueAfterPause(timer, this.#context.now()) });
    }
    if (queue !== undefined) this.#act(run, queue);
    if (listening !== undefined) this.#act(run, listening);
    if (request === undefined) return true;
    const recording = recordingOf(request, notes, facts);
    if (recording?.ended !== undefined) {
      this.#requestDone(run, request.id, outcomeOfNote(recording.note, recording.ended));
    } else if (mayRepeat(request.request)) {
      // Sound that nobody knows to go on is over before it begins anew.
      if (recording === undefined) this.#context.tell(contactId, { type: 'flow.recorded' });
      this.#request(run, request.id, request.request, recording?.note);
    } else this.#requestDone(run, request.id, { result: 'failed', reason: 'server-restarted' });
    return true;
  }

  /** The caller's leg is up. */
  begin(contactId: ContactId, legId: LegId): void {
    const run = this.#runs.get(contactId);
    if (run === undefined) return this.#context.tell(contactId, { type: 'flow.over', reason: 'flow-lost' });
    run.legId = legId;
    this.#byLeg.set(legId, run);
    this.#context.notes.began(contactId, run.flow);
    const { document, version } = run.flow;
    this.#fact(run, { type: 'flow.started', data: { flow: document.name, version } });
    const { callerPhone, callerName, number } = run.caller;
    this.#apply(run, {
      type: 'started',
      caller: {
        callerPhone,
        callerName,
        number,
        callId: contactId,
        segments: this.#context.segmentsOf(callerPhone),
      },
    });
  }

  digit(legId: LegId, digit: string): void {
    this.#toLeg(legId, { type: 'digit', digit });
  }

  /** What was said to that leg is over; null: it could not be said. */
  played(legId: LegId, name: string | null): void {
    const run = this.#byLeg.get(legId);
    if (run === undefined) return;
    if (run.request !== undefined) run.request.played?.(name);
    else if (name === null || name === run.sayName) this.#apply(run, { type: 'said' });
  }

  /** The caller has begun to speak, or ceased. */
  speech(legId: LegId, isSpeaking: boolean): void {
    const run = this.#byLeg.get(legId);
    if (run?.ear !== undefined) run.ear.speech(isSpeaking);
    else run?.request?.speech?.(isSpeaking);
  }

  /** What the caller says, where somebody is to understand it. */
  sound(legId: LegId, samples: Int16Array): void {
    this.#byLeg.get(legId)?.ear?.sound(samples);
  }

  /** The caller is out of the queue and with the flow again. */
  returned(contactId: ContactId): void {
    const run = this.#runs.get(contactId);
    if (run === undefined) this.#context.tell(contactId, { type: 'flow.over', reason: 'flow-lost' });
    else this.#apply(run, { type: 'queue.returned' });
  }

  /** Nobody came to whom the flow sent the caller. */
  unconnected(contactId: ContactId, reason: string): void {
    const run = this.#runs.get(contactId);
    if (run?.request?.unconnected !== undefined) run.request.unconnected(reason);
    else if (run === undefined) this.#context.tell(contactId, { type: 'flow.over', reason });
  }

  refused(contactId: ContactId, reason: string): void {
    const run = this.#runs.get(contactId);
    if (run === undefined) this.#context.tell(contactId, { type: 'flow.over', reason });
    else this.#apply(run, { type: 'queue.refused', reason });
  }

  /** The caller is gone. */
  left(contactId: ContactId, reason: string): void {
    const run = this.#runs.get(contactId);
    if (run !== undefined) this.#apply(run, { type: 'left', reason });
    this.#context.tell(contactId, { type: 'flow.over', reason });
  }

  fact({ id }: Caller, fact: ContactFact): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    run.request?.fact?.(fact);
    if (fact.type === 'queue.entered') this.#apply(run, { type: 'queue.entered' });
    else if (fact.type === 'queue.left' && fact.data.result !== 'overflowed') {
      this.#apply(run, { type: 'left', reason: fact.data.result });
    } else if (fact.type === 'contact.ended') {
      this.#apply(run, { type: 'left', reason: fact.data.reason });
      this.#forget(run);
    }
  }

  close(): void {
    for (const run of this.#runs.values()) this.#forget(run);
  }

  #toLeg(legId: LegId, input: FlowInput): void {
    const run = this.#byLeg.get(legId);
    if (run !== undefined) this.#apply(run, input);
  }

  #apply(run: Run, input: FlowInput): void {
    // The only time-out while something is awaited is that nothing came of it.
    if (input.type === 'timer.due') this.#dropRequest(run);
    const now = this.#context.now();
    this.#context.notes.heard(run.caller.id, now, input);
    for (const effect of run.session.handle(input, now)) this.#act(run, effect);
  }

  #act(run: Run, effect: FlowEffect): void {
    switch (effect.type) {
      case 'say':
        return this.#say(run, effect.utterances);
      case 'hush':
        if (run.legId !== undefined) this.#context.hush(run.legId);
        return;
      case 'timer.set':
        clearTimeout(run.timer);
        run.timer = setTimeout(
          () => this.#apply(run, { type: 'timer.due' }),
          Math.max(0, Math.ceil(effect.at - this.#context.now())),
        );
        return;
      case 'timer.cleared':
        return clearTimeout(run.timer);
      case 'listen':
        return this.#listen(run, effect);
      case 'listen.end':
        return this.#closeEar(run);
      case 'passed':
        return this.#fact(run, { type: 'flow.passed', data: effect.step });
      case 'scored': {
        const { flow, question, score } = effect;
        return this.#fact(run, { type: 'survey.answered', data: { flow, question, score } });
      }
      case 'queue':
        return this.#queue(run, effect);
      case 'request':
        return this.#request(run, effect.id, effect.request);
      case 'request.stop':
        return run.request?.stop?.();
      case 'queue.leave':
        return this.#context.tell(run.caller.id, { type: 'flow.recalled' });
      case 'ended': {
        const { reason, hangUp } = effect;
        this.#fact(run, { type: 'flow.ended', data: { flow: run.flow.document.name, reason } });
        this.#forget(run);
        if (hangUp) this.#context.tell(run.caller.id, { type: 'flow.over', reason });
        return;
      }
    }
  }

  #request(run: Run, id: number, request: FlowRequest, note?: CallerNote): void {
    const { legId } = run;
    if (legId === undefined) return;
    const caller = { id: run.caller.id, legId, callerName: run.caller.callerName };
    const end = (outcome: RequestOutcome) => this.#requestDone(run, id, outcome);
    run.request = beginRequest(this.#context, caller, request, end, note);
  }

  #requestDone(run: Run, id: number, outcome: RequestOutcome): void {
    run.request = undefined;
    const { result } = outcome;
    if (outcome.result === 'failed') {
      return this.#apply(run, { type: 'request.done', id, result, reason: outcome.reason, values: {} });
    }
    const { values, way = '', says = [] } = outcome;
    this.#apply(run, { type: 'request.done', id, result, reason: way, values, says });
  }

  #queue(run: Run, { queue: name, priority, preferredAgent }: Extract<FlowEffect, { type: 'queue' }>): void {
    const queue = this.#context.queueNamed(name);
    if (queue === undefined) {
      setImmediate(() => this.#apply(run, { type: 'queue.refused', reason: 'unknown-queue' }));
      return;
    }
    const { id: queueId, record } = queue;
    const agentId = preferredAgent === undefined ? undefined : this.#context.agentNamed(preferredAgent);
    const wish = agentId === undefined ? {} : { preferredAgentId: agentId };
    this.#context.tell(run.caller.id, { type: 'flow.queued', queueId, priority, record, ...wish });
  }

  #say(run: Run, utterances: readonly Utterance[]): void {
    const { library, speech, say } = this.#context;
    const paths = utterances.flatMap((each) =>
      each.kind === 'text'
        ? [speech.pathOf(each)]
        : each.kind === 'sound'
          ? [each.path]
          : library.pathsOf(each.language, [each.sentence]),
    );
    this.#said += 1;
    run.sayName = `${this.#sayPrefix}:${this.#said}`;
    const { sayName, legId } = run;
    if (paths.length > 0 && legId !== undefined) say(legId, paths, sayName);
    // Nothing of it is recorded: it is over at once, after the effects of this step.
    else setImmediate(() => run.sayName === sayName && this.#apply(run, { type: 'said' }));
  }

  /** Of a former listening nothing more is heard. */
  #listen(run: Run, { id, hearing }: Extract<FlowEffect, { type: 'listen' }>): void {
    this.#closeEar(run);
    const { legId } = run;
    if (legId === undefined) return;
    const over = (input: FlowInput): void => {
      this.#closeEar(run);
      this.#apply(run, input);
    };
    const opened = this.#context.openEar(legId, hearing, {
      began: () => this.#apply(run, { type: 'speech.began', id }),
      heard: (text, confidence) => over({ type: 'speech.heard', id, text, confidence }),
      failed: (reason) => over({ type: 'speech.failed', id, reason }),
    });
    if (typeof opened !== 'string') run.ear = opened;
    // After the effects of this step; by then the caller may be gone.
    else setImmediate(() => this.#isRunning(run) && over({ type: 'speech.failed', id, reason: opened }));
  }

  #closeEar(run: Run): void {
    if (run.ear === undefined) return;
    run.ear.close();
    run.ear = undefined;
    if (run.legId !== undefined) this.#context.ignore(run.legId);
  }

  #isRunning(run: Run): boolean {
    return this.#runs.get(run.caller.id) === run;
  }

  #dropRequest(run: Run): void {
    run.request?.cancel();
    run.request = undefined;
  }

  #fact(run: Run, fact: Extract<ContactInput, { type: 'fact' }>['fact']): void {
    this.#context.tell(run.caller.id, { type: 'fact', fact });
  }

  #forget(run: Run): void {
    clearTimeout(run.timer);
    this.#closeEar(run);
    this.#dropRequest(run);
    this.#runs.delete(run.caller.id);
    if (run.legId !== undefined) this.#byLeg.delete(run.legId);
  }
}
