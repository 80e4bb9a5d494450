export { openUdpSocket, type UdpChoice } from './open-udp-socket.ts';
export type { UdpEvents, UdpSocket } from './udp-socket.ts';
