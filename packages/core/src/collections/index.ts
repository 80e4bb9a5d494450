export { Chain, type ChainNode } from './chain.ts';
export { FewMap, removeItem } from './few.ts';
export { type HeapNode, IndexedHeap } from './heap.ts';
export { LeastRecentMap } from './least-recent.ts';
export { RankedList } from './ranked.ts';
