import type { FlowNode, FlowNodeName } from '@crosspoint/contracts';
import type { useSvelteFlow } from '@xyflow/svelte';
import { tick } from 'svelte';
import type { Point } from './document.ts';
import { aimPixels } from './edge-pan.ts';
import type { FlowEditor } from './flow-editor.svelte.ts';
import { sizeOf } from './node.ts';

const readableZoom = 0.6;
/** At which a step that is brought into sight can be told from others. */
const showZoomMin = 0.5;
const framesMax = 10;

/** What of the flow is in sight: brings steps there, and finds what lies at a place of the screen. */
export class CanvasView {
  readonly #canvas: ReturnType<typeof useSvelteFlow>;
  readonly #editor: FlowEditor;
  readonly #area: () => HTMLElement | undefined;

  /** @param area the element of the canvas, once it is there. */
  constructor(
    canvas: ReturnType<typeof useSvelteFlow>,
    editor: FlowEditor,
    area: () => HTMLElement | undefined,
  ) {
    this.#canvas = canvas;
    this.#editor = editor;
    this.#area = area;
  }

  /** @param point from the corner of the canvas. */
  isAtStep({ x, y }: Point): boolean {
    const { x: left, y: top, zoom } = this.#canvas.getViewport();
    const size = (2 * aimPixels) / zoom;
    const around = {
      ...{ x: (x - aimPixels - left) / zoom, y: (y - aimPixels - top) / zoom },
      ...{ width: size, height: size },
    };
    return this.#canvas.getIntersectingNodes(around).length > 0;
  }

  /** Brings a step into sight when it is not. */
  async show(name: FlowNodeName): Promise<void> {
    const node = this.#editor.document.nodes[name];
    const place = this.#editor.places.get(name);
    const area = this.#area();
    if (!node || !place || !area) return;
    const canvas = this.#canvas;
    const { width, height } = sizeOf(node);
    const { left, top, right, bottom } = area.getBoundingClientRect();
    const from = canvas.flowToScreenPosition(place);
    const to = canvas.flowToScreenPosition({ x: place.x + width, y: place.y + height });
    if (from.x >= left && from.y >= top && to.x <= right && to.y <= bottom) return;
    const zoom = Math.max(canvas.getZoom(), showZoomMin);
    await canvas.setCenter(place.x + width / 2, place.y + height / 2, { zoom, duration: 0 });
  }

  async goTo(name: FlowNodeName | undefined, focus: boolean): Promise<void> {
    if (name === undefined) return;
    await tick();
    await this.show(name);
    await tick();
    if (focus) (await this.#drawn(name))?.focus({ preventScroll: true });
  }

  /** All of it when that can be read; else the start, and what fits beside it. */
  async begin(): Promise<void> {
    const { document, places } = this.#editor;
    const start = places.get(document.start);
    await this.#canvas.fitView({ padding: 0.05, maxZoom: 1, duration: 0 });
    const area = this.#area();
    if (!start || !area || this.#canvas.getZoom() >= readableZoom) return;
    const { height } = area.getBoundingClientRect();
    const middle = start.y + sizeOf(document.nodes[document.start] as FlowNode).height / 2;
    const y = height / 2 - middle * readableZoom;
    await this.#canvas.setViewport({ x: 24 - start.x * readableZoom, y, zoom: readableZoom });
  }

  fit(): void {
    void this.#canvas.fitView({ padding: 0.12, maxZoom: 1, duration: 0 });
  }

  /** The middle of what is seen. */
  middle(): Point {
    const { left, top, width, height } = (this.#area() as HTMLElement).getBoundingClientRect();
    return this.#canvas.screenToFlowPosition({ x: left + width / 2, y: top + height / 2 });
  }

  /** A step that was out of sight a moment ago is drawn with the next frames. */
  async #drawn(name: FlowNodeName): Promise<HTMLElement | null> {
    for (let frames = 0; frames < framesMax; frames += 1) {
      const element = this.#area()?.querySelector<HTMLElement>(`[data-node="${name}"]`);
      if (element) return element;
      await new Promise(requestAnimationFrame);
    }
    return null;
  }
}
