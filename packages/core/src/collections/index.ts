export { type HeapNode, IndexedHeap } from './heap.ts';
