export { openUdpSocket, type UdpChoice, type UdpEvents, type UdpSocket } from './udp-socket.ts';
