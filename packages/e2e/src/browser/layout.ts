import type { Page } from 'playwright-core';

/**
 * What does not fit on the page as it is shown, in one line each: a page that is wider than its window, words that lie beyond an edge
 * where nothing scrolls to them, and words that are broken between their letters.
 */
export function layoutFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const longWordChars = 24;
    const named = (element: Element): string =>
      `${element.tagName.toLowerCase()} "${(element.textContent ?? '').trim().slice(0, 60)}"`;
    for (const element of [document.documentElement, document.querySelector('main')]) {
      if (element === null || element.scrollWidth <= element.clientWidth + 1) continue;
      faults.push(
        `${element.tagName.toLowerCase()} is ${element.scrollWidth - element.clientWidth} px too wide`,
      );
    }
    /** The right edge that this element is seen up to: that of the nearest box which cuts, unless one may scroll to it. */
    const edgeOf = (element: Element): number => {
      for (let box = element.parentElement; box !== null; box = box.parentElement) {
        const { overflowX } = getComputedStyle(box);
        if (overflowX === 'auto' || overflowX === 'scroll') return Number.POSITIVE_INFINITY;
        if (overflowX !== 'visible') return box.getBoundingClientRect().right;
      }
      return innerWidth;
    };
    const range = document.createRange();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      const element = text.parentElement;
      const words = (text.textContent ?? '')
        .trim()
        .split(/[\s/·–-]+/)
        .filter(Boolean);
      if (
        element === null ||
        words.length === 0 ||
        element.closest('svg, .skip, select, .svelte-flow') !== null
      )
        continue;
      // What only a screen reader is to tell is a pixel large.
      const { width } = element.getBoundingClientRect();
      if (width <= 1 || !element.checkVisibility({ visibilityProperty: true })) continue;
      range.selectNodeContents(text);
      const rects = [...range.getClientRects()].filter((rect) => rect.width > 0);
      const style = getComputedStyle(element);
      const lines = new Set(rects.map(({ top }) => Math.round(top))).size;
      // Addresses and what machines are told may be broken anywhere.
      const mayBreak =
        style.fontFamily.includes('mono') || words.some(({ length }) => length > longWordChars);
      if (lines > words.length && !mayBreak) faults.push(`broken between letters: ${named(element)}`);
      const right = Math.max(...rects.map((rect) => rect.right));
      // What ends in three dots says so, and has its whole text elsewhere.
      const isShortened = [element, element.parentElement ?? element].some(
        (box) => getComputedStyle(box).textOverflow === 'ellipsis',
      );
      if (!isShortened && right > edgeOf(element) + 1) faults.push(`cut off: ${named(element)}`);
    }
    return [...new Set(faults)];
  });
}
