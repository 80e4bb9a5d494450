/* The page of a browser phone: JsSIP, a microphone that hums one tone, and an ear that tells which tone it hears. */
const context = new AudioContext({ sampleRate: 48_000 });
const state = {
  registered: false,
  calls: 0,
  session: undefined,
  incoming: undefined,
  ended: undefined,
  digits: '',
};

function microphone(toneHz) {
  const oscillator = new OscillatorNode(context, { frequency: toneHz });
  const gain = new GainNode(context, { gain: 0.3 });
  const destination = context.createMediaStreamDestination();
  oscillator.connect(gain).connect(destination);
  oscillator.start();
  return destination.stream;
}

const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });

function listen(session) {
  const attach = (connection) =>
    connection.addEventListener('track', ({ track }) => {
      const stream = new MediaStream([track]);
      // Chromium decodes a remote stream only while an element plays it.
      const element = new Audio();
      element.srcObject = stream;
      element.muted = true;
      void element.play();
      state.element = element;
      new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(analyser);
    });
  if (session.connection) attach(session.connection);
  else session.on('peerconnection', ({ peerconnection }) => attach(peerconnection));
}

function follow(session) {
  state.session = session;
  state.ended = undefined;
  listen(session);
  session.on('accepted', () => {
    state.accepted = true;
  });
  for (const event of ['ended', 'failed']) {
    session.on(event, ({ cause, originator, message }) => {
      state.ended = `${event} by ${originator}: ${cause} ${message?.status_code ?? ''}`;
      state.accepted = false;
    });
  }
}

globalThis.phone = {
  state,
  async start({ uri, password, server, toneHz }) {
    await context.resume();
    state.stream = microphone(toneHz);
    const ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(server)],
      uri,
      ...(password === '' ? { register: false } : { password }),
      session_timers: false,
    });
    ua.on('registered', () => {
      state.registered = true;
    });
    ua.on('registrationFailed', ({ cause }) => {
      state.ended = `registration failed: ${cause}`;
    });
    ua.on('connected', () => {
      state.connected = true;
    });
    ua.on('newRTCSession', ({ session, originator }) => {
      follow(session);
      if (originator === 'remote') state.incoming = session;
    });
    ua.start();
    state.ua = ua;
  },
  call(target) {
    state.ua.call(target, { mediaStream: state.stream, pcConfig: { iceServers: [] } });
  },
  answer() {
    state.incoming.answer({ mediaStream: state.stream, pcConfig: { iceServers: [] } });
  },
  hold: () => state.session.hold(),
  unhold: () => state.session.unhold(),
  /** Looks for another path, as after a change of the network; true once the answer is in. */
  restartIce: () =>
    new Promise((resolve) => {
      const began = state.session.renegotiate({ rtcOfferConstraints: { iceRestart: true } }, () =>
        resolve(true),
      );
      if (!began) resolve(false);
    }),
  /** The port of the server at which its sound goes in. */
  async serverPort() {
    const stats = await state.session.connection.getStats();
    const transport = [...stats.values()].find(({ type }) => type === 'transport');
    const pair = stats.get(transport?.selectedCandidatePairId);
    return stats.get(pair?.remoteCandidateId)?.port;
  },
  hangUp: () => state.session.terminate(),
  press: (digit) => state.session.sendDTMF(digit, { transportType: 'RFC2833' }),
  /** The strongest frequency heard now and its level. */
  hears() {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    let best = 0;
    for (let i = 1; i < bins.length; i++) if (bins[i] > bins[best]) best = i;
    return { hz: (best * context.sampleRate) / analyser.fftSize, db: bins[best] };
  },
  async codec() {
    const stats = [...(await state.session.connection.getStats()).values()];
    const stream = stats.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
    return stats.find(({ id }) => id === stream?.codecId)?.mimeType;
  },
};
