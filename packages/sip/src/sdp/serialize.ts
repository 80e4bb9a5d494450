import type { Sdp, SdpAttribute, SdpConnection } from './types.ts';

/** Writes a session description (RFC 8866 §5) with CRLF line ends. */
export function writeSdp(sdp: Sdp): string {
  const { origin } = sdp;
  let text = `v=0\r\no=${origin.username} ${origin.sessionId} ${origin.version} IN ${origin.addressType} ${origin.address}\r\n`;
  text += `s=${sdp.sessionName}\r\n`;
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
