export {
  agentsNeeded,
  erlangA,
  erlangB,
  erlangC,
  type Performance,
  type Target,
  type Work,
} from './erlang.ts';
