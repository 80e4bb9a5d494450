/** What a heap stores in each of its nodes: the node's present place, −1 while it is in no heap. */
export interface HeapNode {
  heapIndex: number;
}

/**
 * Binary heap whose nodes know their own place, so that any of them can be removed in O(log n).
 * A node is in at most one heap, and what `before` compares must not change while it is inside.
 */
export class IndexedHeap<Node extends HeapNode> {
  readonly #nodes: Node[] = [];
  readonly #before: (a: Node, b: Node) => boolean;

  /** `before(a, b)` is a strict total order: true when `a` is to be taken first. */
  constructor(before: (a: Node, b: Node) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#nodes.length;
  }

  /** The first node, which stays inside. */
  peek(): Node | undefined {
    return this.#nodes[0];
  }

  /** The nodes in no particular order. */
  values(): readonly Node[] {
    return this.#nodes;
  }

  insert(node: Node): void {
    this.#nodes.push(node);
    this.#up(node, this.#nodes.length - 1);
  }

  /** Removes a node; without effect when it is not inside. */
  remove(node: Node): void {
    const index = node.heapIndex;
    if (this.#nodes[index] !== node) return;
    node.heapIndex = -1;
    const last = this.#nodes.pop();
    if (last === undefined || last === node) return;
    this.#place(last, index);
    this.#up(last, index);
    if (last.heapIndex === index) this.#down(last, index);
  }

  #place(node: Node, index: number): void {
    this.#nodes[index] = node;
    node.heapIndex = index;
  }

  #up(node: Node, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#nodes[parentIndex];
      if (parent === undefined || !this.#before(node, parent)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(node, index);
  }

  #down(node: Node, from: number): void {
    let index = from;
    for (;;) {
      const left = this.#nodes[index * 2 + 1];
      if (left === undefined) break;
      const right = this.#nodes[index * 2 + 2];
      const child = right !== undefined && this.#before(right, left) ? right : left;
      if (!this.#before(child, node)) break;
      const childIndex = child.heapIndex;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(node, index);
  }
}
