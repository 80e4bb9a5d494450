import type { FlowDocument, FlowNode, FlowNodeName } from '@crosspoint/contracts';

/**
 * The document as it is stored and handed over: places that came from the layout alone are left out as long as the layout would put every step
 * there again, so that a flow which was written without places leaves the builder as it came.
 *
 * @param read as it came.
 * @param placed gives a place to every step that has none.
 */
export function written(
  document: FlowDocument,
  read: FlowDocument,
  placed: (bare: FlowDocument) => FlowDocument,
): FlowDocument {
  const nodes = Object.entries(document.nodes).map(([name, node]): [FlowNodeName, FlowNode] => {
    const former = read.nodes[name];
    if (former === undefined || former.position !== undefined) return [name, node];
    const { position: _position, ...bare } = node;
    return [name, bare];
  });
  const bare = { ...document, nodes: Object.fromEntries(nodes) };
  const again = placed(bare);
  const isAsDrawn = Object.entries(document.nodes).every(([name, { position }]) => {
    const other = again.nodes[name]?.position;
    return position?.x === other?.x && position?.y === other?.y;
  });
  return isAsDrawn ? bare : document;
}
