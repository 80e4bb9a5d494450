export { Chain, type ChainNode } from './chain.ts';
export { type HeapNode, IndexedHeap } from './heap.ts';
export { LeastRecentMap } from './least-recent.ts';
