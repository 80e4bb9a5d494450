export {
  answerChallenge,
  DigestClient,
  type AuthenticatedRequest,
  type AuthorizationHeader,
  type DigestCredentials,
} from './client.ts';
export { computeHa1, computeResponse, toHex, type DigestAlgorithm, type DigestInput } from './hash.ts';
export { parseDigestHeader } from './header.ts';
export { md5 } from './md5.ts';
export { DigestServer, type DigestServerOptions, type Verification } from './server.ts';
export { hmacSha256, sha256 } from './sha256.ts';
export { sha512t256 } from './sha512.ts';
