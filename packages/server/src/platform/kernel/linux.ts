/** Constants of Linux, the same on x86-64, arm64 and riscv64, by the names that its manual pages give them. */
export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;
export const MSG_DONTWAIT = 0x40;
export const EINTR = 4;
export const EAGAIN = 11;
export const EACCES = 13;
export const EINVAL = 22;
export const EADDRINUSE = 98;
export const EAFNOSUPPORT = 97;

/** `struct sockaddr_in6`, the larger one; the kernel ignores what follows a `struct sockaddr_in`. */
export const sockaddrBytes = 28;
