const fingerprintOf = (sdp: string | undefined): string | undefined =>
  /^a=fingerprint:\S+ (\S+)/m.exec(sdp ?? '')?.[1]?.toUpperCase();

/**
 * Whether the call cannot go on with this offer, because its sound comes from somebody else now (RFC 8842 §4: another DTLS
 * association). Firefox takes such an offer, restarts ICE, and goes on with the keys of who has gone: nobody hears anything. It
 * names itself in its descriptions.
 */
export function isBeyond(
  { localDescription, remoteDescription }: Pick<RTCPeerConnection, 'localDescription' | 'remoteDescription'>,
  offer: string,
): boolean {
  const isFirefox = /^o=mozilla/m.test(localDescription?.sdp ?? '');
  return isFirefox && fingerprintOf(offer) !== fingerprintOf(remoteDescription?.sdp);
}
