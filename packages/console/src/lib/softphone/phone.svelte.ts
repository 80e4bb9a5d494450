import type { BrowserPhone } from '@crosspoint/contracts';
import { api, ApiError } from '#lib/api/client.ts';
import { lazily } from '#lib/navigation/renewal.ts';
import { session } from '#lib/session/session.svelte.ts';
import { afterFrame } from './after-frame.ts';
import { type MicrophoneFault, openMicrophone, stopStream } from './audio.ts';
import { devices } from './devices.svelte.ts';
import { noteAnswer, type Press } from './double-press.ts';
import type { Engine, EngineCall } from './engine.ts';
import { ring, type Tone, useSink } from './ring.ts';
import { ownWindowId } from './window-id.ts';

/** Where the telephone of this window is. */
export type PhoneState =
  | { kind: 'off' }
  | { kind: 'starting' }
  | { kind: 'ready' }
  /** Another window of this agent is the telephone. */
  | { kind: 'elsewhere' }
  /** The server cannot be reached; it is tried again by itself. */
  | { kind: 'lost' }
  /** The server answers, and yet the browser can open no line to it; that is tried on. */
  | { kind: 'blocked' }
  | { kind: 'no-microphone'; fault: MicrophoneFault };

const wantedKey = 'crosspoint.phone.on';
const path = '/agents/me/browser-phone';
const renewMs = 240_000;
const retryMs = 1_500;
/** So often the line may fail in a row while the server answers: a server that has just started, or a cut that is over, needs fewer. */
const vainMax = 4;

let state = $state.raw<PhoneState>({ kind: 'off' });
let offer = $state.raw<EngineCall | null>(null);
let call = $state.raw<EngineCall | null>(null);
/** Whether the network carries the sound of the call: not yet, now, or not any more. */
let network = $state<'joining' | 'carries' | 'cut'>('joining');
let muted = $state(false);
let fault = $state<MicrophoneFault | null>(null);

let engine: Engine | null = null;
let account: BrowserPhone | null = null;
let windowId: Promise<string> | null = null;
let ringing: Tone | null = null;
let microphone: MediaStream | null = null;
let renewal: ReturnType<typeof setInterval> | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
/** Each start and stop has a number: what a former one still brings is dropped. */
let turn = 0;
/** How often the line has failed in a row although the server answers. */
let vainly = 0;
let answering = false;
/** The call that was made by command from here: its maker need not answer it. */
let expected = $state<string | null>(null);
/** What the person has said of an offer that the stream has told of already, before its call was here. */
let decided = $state.raw<{ contactId: string; answers: boolean } | null>(null);
const ear = typeof Audio === 'undefined' ? null : new Audio();

/** Asks for the account; null when another window has the telephone. */
async function takeAccount(takeOver: boolean): Promise<BrowserPhone | null> {
  windowId ??= ownWindowId();
  try {
    return await api.post<BrowserPhone>(path, { windowId: await windowId, takeOver });
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'phone-in-use') return null;
    throw error;
  }
}

async function connect(takeOver: boolean): Promise<void> {
  const mine = ++turn;
  clearTimeout(retry);
  if (state.kind !== 'lost') state = { kind: 'starting' };
  const heard = await openMicrophone(devices.id('microphone'));
  if (heard.ok) stopStream(heard.stream);
  if (mine !== turn) return;
  if (!heard.ok) {
    state = { kind: 'no-microphone', fault: heard.fault };
    return;
  }
  try {
    const taken = await takeAccount(takeOver);
    const loaded = await lazily(() => import('./engine.ts'));
    if (mine !== turn) return;
    if (loaded === undefined) return tryAgain();
    const { Engine } = loaded;
    if (taken === null) return leave({ kind: 'elsewhere' });
    if (engine !== null && account?.username === taken.username) {
      state = { kind: 'ready' };
      return;
    }
    engine?.abandon();
    account = taken;
    engine = new Engine(taken, events(mine));
    clearInterval(renewal);
    renewal = setInterval(() => void renew(), renewMs);
  } catch (error) {
    if (mine !== turn) return;
    if (!(error instanceof ApiError) || error.code === 'unauthenticated' || error.code === 'not-found') {
      return leave({ kind: 'off' });
    }
    tryAgain();
  }
}

function tryAgain(): void {
  state = { kind: 'lost' };
  retry = setTimeout(() => void connect(false), retryMs);
}

function events(mine: number): ConstructorParameters<typeof Engine>[1] {
  const current = (act: () => void) => () => {
    if (mine === turn) act();
  };
  return {
    registered: current(() => {
      vainly = 0;
      state = { kind: 'ready' };
    }),
    disconnected: current(() => {
      if (state.kind !== 'blocked') state = { kind: 'lost' };
      clearTimeout(retry);
      // Whether the line was cut, or taken over by another window, the server knows.
      retry = setTimeout(() => void renew(), 0);
    }),
    refused: current(() => {
      engine?.abandon();
      engine = null;
      void connect(false);
    }),
    offered: (offered) => (mine === turn ? take(offered) : offered.reject()),
  };
}

/** Prolongs the account, and learns whether it is still ours. */
async function renew(): Promise<void> {
  const mine = turn;
  clearTimeout(retry);
  try {
    const taken = await takeAccount(false);
    if (mine !== turn) return;
    if (taken === null) return leave({ kind: 'elsewhere' });
    if (taken.username === account?.username) {
      if (state.kind === 'lost' && ++vainly >= vainMax) state = { kind: 'blocked' };
      return;
    }
    // The server has started anew and knows the former account no longer.
    engine?.abandon();
    engine = null;
    await connect(false);
  } catch (error) {
    if (mine !== turn) return;
    if (error instanceof ApiError && error.code === 'unauthenticated') return leave({ kind: 'off' });
    vainly = 0;
    if (state.kind === 'blocked') state = { kind: 'lost' };
    retry = setTimeout(() => void renew(), retryMs);
  }
}

/** The telephone of this window is over; a call goes on wherever it is now. */
function leave(next: PhoneState): void {
  turn++;
  vainly = 0;
  clearInterval(renewal);
  clearTimeout(retry);
  engine?.abandon();
  engine = null;
  account = null;
  forgetOffer();
  forgetCall();
  state = next;
}

function take(offered: EngineCall): void {
  if (offered.isResumption) {
    // The former connection of this call is gone at the server; here it may not have been noticed yet.
    forgetCall();
    void answer(offered);
    return;
  }
  // The server offers nothing to who talks: a call without sound is over there, and the cut has kept that from us.
  if (network !== 'carries') forgetCall();
  if (call !== null || offer !== null) return offered.reject();
  offer = offered;
  fault = null;
  offered.onEnded = () => {
    if (offer === offered) forgetOffer();
  };
  const said = decided?.contactId === offered.contactId ? decided : null;
  decided = null;
  if (said?.answers === false) phone.reject();
  else if (said?.answers === true || offered.contactId === expected) {
    expected = null;
    void answer(offered);
  } else {
    // Sound is set up after the frame that shows who calls.
    afterFrame(() => {
      if (offer === offered && ringing === null) ringing = ring(devices.id('ringer'));
    });
  }
}

async function answer(answered: EngineCall): Promise<void> {
  // The server asks again for a call that it goes on with; a second press on the button does nothing.
  if (answering) return answered.isResumption ? answered.reject() : undefined;
  answering = true;
  const heard = await openMicrophone(devices.id('microphone'));
  answering = false;
  if (!heard.ok) {
    fault = heard.fault;
    if (answered.isResumption) answered.reject();
    return;
  }
  fault = null;
  const isGone = answered.isResumption ? answered.isOver : offer !== answered;
  if (isGone) return stopStream(heard.stream);
  forgetOffer();
  useMicrophone(heard.stream);
  call = answered;
  answered.onSound = (stream) => {
    if (ear === null) return;
    ear.srcObject = stream;
    useSink(ear, devices.id('speaker'))
      .then(() => ear.play())
      .catch(() => undefined);
  };
  answered.onNetwork = (carries) => {
    if (call === answered) network = carries ? 'carries' : 'cut';
  };
  answered.onEnded = () => {
    if (call !== answered) return;
    muted = false;
    forgetCall();
  };
  answered.answer(heard.stream);
  if (muted) answered.mute(true);
}

function useMicrophone(stream: MediaStream): void {
  stopStream(microphone);
  microphone = stream;
  for (const track of stream.getAudioTracks())
    track.addEventListener('ended', () => {
      if (microphone === stream) void moveMicrophone();
    });
}

/** Another microphone was chosen in mid-call, or the one in use was pulled out; also to try again when there was none. */
async function moveMicrophone(): Promise<void> {
  const mine = call;
  if (mine === null) return;
  const heard = await openMicrophone(devices.id('microphone'));
  if (call !== mine) return heard.ok ? stopStream(heard.stream) : undefined;
  fault = heard.ok ? null : heard.fault;
  if (!heard.ok) return;
  for (const track of heard.stream.getAudioTracks()) track.enabled = !muted;
  await mine.speakInto(heard.stream);
  useMicrophone(heard.stream);
}

// One that is plugged in is taken without being asked for.
globalThis.navigator?.mediaDevices?.addEventListener('devicechange', () => {
  if (fault !== null) void moveMicrophone();
  if (state.kind === 'no-microphone' && state.fault === 'missing') void connect(false);
});

function forgetOffer(): void {
  ringing?.stop();
  ringing = null;
  offer = null;
}

function forgetCall(): void {
  const former = call;
  call = null;
  network = 'joining';
  if (former !== null) former.onEnded = () => undefined;
  if (former === null || !answering) stopStream(microphone);
  microphone = null;
  if (ear !== null) ear.srcObject = null;
}

// Nobody is signed in any more. The session may have ended by itself in mid-call: without a BYE the customer waits at the
// server, for whoever signs in again or for the queue.
session.onEnd(() => leave({ kind: 'off' }));

/** The telephone in this window: registered as an endpoint of the agent while it is on, over every page of the console. */
export const phone = {
  get state(): PhoneState {
    return network === 'cut' && state.kind === 'ready' ? { kind: 'lost' } : state;
  },
  /** What rings here. */
  get offer(): EngineCall | null {
    return offer;
  },
  get call(): EngineCall | null {
    return call;
  },
  get muted(): boolean {
    return muted;
  },
  /** Why the last answer had no microphone. */
  get fault(): MicrophoneFault | null {
    return fault;
  },
  /** Whether this browser was made the telephone and shall be it again with the next page. */
  get wanted(): boolean {
    return localStorage.getItem(wantedKey) === 'yes';
  },
  /** Goes on where the last page ended; does nothing when it is on. */
  resume(): void {
    if (state.kind === 'off' && phone.wanted) void connect(false);
  },
  switchOn(): void {
    localStorage.setItem(wantedKey, 'yes');
    void connect(false);
  },
  takeOver(): void {
    void connect(true);
  },
  async switchOff(): Promise<void> {
    localStorage.removeItem(wantedKey);
    engine?.stop();
    leave({ kind: 'off' });
    if (windowId !== null) await api.delete(`${path}?windowId=${await windowId}`);
  },
  /** Whether this contact was made, answered or declined here before its call came, which does so now by itself. */
  isDecided: (contactId: string): boolean => decided?.contactId === contactId || expected === contactId,
  /** The offer is over: what was said of it does not hold for the next one. */
  forgetDecision(): void {
    decided = null;
  },
  /**
   * Takes the call that rings, or the one of this contact as soon as it is here.
   *
   * @param press the click that answers, if one does.
   */
  answer(press?: Press, contactId?: string): void {
    if (press !== undefined) noteAnswer(press);
    if (offer !== null) void answer(offer);
    else if (contactId !== undefined) decided = { contactId, answers: true };
  },
  /** A call was made from here: it is taken by itself when it comes, or at once when it was faster than the answer to the command. */
  expect(contactId: string): void {
    if (offer?.contactId === contactId) void answer(offer);
    // Another telephone rings: should the customer come to this one later, nobody expects that.
    else if (state.kind === 'ready' || state.kind === 'lost') expected = contactId;
  },
  /** Declines the call that rings, or the one of this contact as soon as it is here. */
  reject(contactId?: string): void {
    if (offer === null && contactId !== undefined) decided = { contactId, answers: false };
    offer?.reject();
    forgetOffer();
  },
  hangUp(): void {
    call?.hangUp();
  },
  mute(next: boolean): void {
    muted = next;
    call?.mute(next);
  },
  press(digit: string): void {
    call?.press(digit);
  },
  /** Another microphone was chosen. */
  moveMicrophone,
  /** The loudspeaker was changed. */
  async moveSound(): Promise<void> {
    if (ear !== null) await useSink(ear, devices.id('speaker'));
  },
};
