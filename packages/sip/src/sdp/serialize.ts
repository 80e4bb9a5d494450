import type { Sdp, SdpAttribute, SdpConnection, SdpOrigin } from './types.ts';

/** Writes a session description (RFC 8866 §5) with CRLF line ends. */
export function writeSdp(sdp: Sdp): string {
  return writeOrigin(sdp.origin) + writeContents(sdp);
}

/** The version and `o=` lines, with which every description begins. */
export function writeOrigin(origin: SdpOrigin): string {
  return `v=0\r\no=${origin.username} ${origin.sessionId} ${origin.version} IN ${origin.addressType} ${origin.address}\r\n`;
}

/** Everything after the `o=` line. */
export function writeContents(sdp: Omit<Sdp, 'origin'>): string {
  let text = `s=${sdp.sessionName}\r\n`;
  text += writeConnection(sdp.connection);
  for (const bandwidth of sdp.bandwidth) text += `b=${bandwidth}\r\n`;
  for (const timing of sdp.timing) text += `t=${timing}\r\n`;
  text += writeAttributes(sdp.attributes);
  for (const media of sdp.media) {
    const ports = media.portCount === undefined ? `${media.port}` : `${media.port}/${media.portCount}`;
    text += `m=${[media.kind, ports, media.protocol, ...media.formats].join(' ')}\r\n`;
    if (media.title !== undefined) text += `i=${media.title}\r\n`;
    text += writeConnection(media.connection);
    for (const bandwidth of media.bandwidth) text += `b=${bandwidth}\r\n`;
    text += writeAttributes(media.attributes);
  }
  return text;
}

function writeConnection(connection: SdpConnection | undefined): string {
  return connection === undefined ? '' : `c=IN ${connection.addressType} ${connection.address}\r\n`;
}

function writeAttributes(attributes: readonly SdpAttribute[]): string {
  let text = '';
  for (const { name, value } of attributes)
    text += value === undefined ? `a=${name}\r\n` : `a=${name}:${value}\r\n`;
  return text;
}
