/** Candidates of this computer are there at once; one that asks a dead network must not hold up the answer. */
export const candidatesMaxMs = 300;

/**
 * Has a description that restarts ICE wait for the new candidates, for at most `candidatesMaxMs`. Browsers begin to gather after
 * the description was taken; JsSIP knows them to be gathering only before its first answer, and would send the next one
 * without candidates. Firefox cannot do without: it asks nobody on the loopback interface, it must be asked.
 */
export function gatherOnRestart(connection: RTCPeerConnection): void {
  const set = connection.setLocalDescription.bind(connection);
  let former: string | undefined;
  connection.setLocalDescription = async (description?: RTCLocalSessionDescriptionInit) => {
    await set(description);
    const [, ufrag] = /^a=ice-ufrag:(\S+)/m.exec(connection.localDescription?.sdp ?? '') ?? [];
    if (former !== undefined && former !== ufrag) await gathered(connection);
    former = ufrag;
  };
}

function gathered(connection: RTCPeerConnection): Promise<void> {
  const isOver = (): boolean =>
    connection.iceGatheringState === 'complete' &&
    /^a=candidate:/m.test(connection.localDescription?.sdp ?? '');
  if (isOver()) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      connection.removeEventListener('icegatheringstatechange', look);
      resolve();
    };
    const look = (): void => {
      if (isOver()) end();
    };
    const timer = setTimeout(end, candidatesMaxMs);
    connection.addEventListener('icegatheringstatechange', look);
  });
}
