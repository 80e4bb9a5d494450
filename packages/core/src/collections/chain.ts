/** What a chain stores in each of its nodes: the neighbours, null at either end and while the node is in no chain. */
export interface ChainNode<Node> {
  before: Node | null;
  after: Node | null;
}

/** A list in order whose nodes know their neighbours, so that any of them can be removed at once. A node is in at most one chain. */
export class Chain<Node extends ChainNode<Node>> {
  #first: Node | null = null;
  #last: Node | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Node | null {
    return this.#first;
  }

  /**
   * Puts the node behind the last one that does not come after it by `isAfter(other, node)`. Costs nothing for nodes that come in
   * their order, as they nearly always do.
   */
  insert(node: Node, isAfter: (other: Node, node: Node) => boolean): void {
    let before = this.#last;
    while (before !== null && isAfter(before, node)) before = before.before;
    const after = before === null ? this.#first : before.after;
    node.before = before;
    node.after = after;
    if (before === null) this.#first = node;
    else before.after = node;
    if (after === null) this.#last = node;
    else after.before = node;
    this.#size += 1;
  }

  /** Removes a node, which has to be inside. */
  remove(node: Node): void {
    const { before, after } = node;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    node.before = null;
    node.after = null;
    this.#size -= 1;
  }

  values(): Node[] {
    const nodes: Node[] = [];
    for (let node = this.#first; node !== null; node = node.after) nodes.push(node);
    return nodes;
  }
}
