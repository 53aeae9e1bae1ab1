/** How many activities are kept, and how many of them are rows. */
const KEPT = 1000;
const ROWS = 250;

/**
 * A table body that shows the newest items on top.
 * @template Item
 * @param {{
 *   body: HTMLElement,
 *   count: HTMLElement,
 *   row(item: Item): HTMLElement,
 *   matches(item: Item): boolean,
 *   showEmpty(state: "none" | "nothing-matches" | "rows"): void,
 * }} options
 */
export function createFeed({ body, count, row, matches, showEmpty }) {
  /** @type {Item[]} */
  let items = [];
  /** How many of `items` match. */
  let matching = 0;

  const update = () => {
    count.textContent =
      items.length === 0 ? "" : matching === items.length ? String(matching) : `${matching} of ${items.length}`;
    showEmpty(items.length === 0 ? "none" : matching === 0 ? "nothing-matches" : "rows");
  };
  const redraw = () => {
    const shown = items.filter(matches);
    matching = shown.length;
    body.replaceChildren(...shown.slice(-ROWS).reverse().map(row));
    update();
  };
  return {
    /** Shows more items, oldest first. @param {Item[]} more */
    add(more) {
      if (more.length === 0) return;
      items.push(...more);
      const shown = more.filter(matches);
      if (items.length > KEPT) {
        items = items.slice(-KEPT);
        matching = items.filter(matches).length;
      } else {
        matching += shown.length;
      }
      const rows = shown.slice(-ROWS).reverse().map(row);
      for (const element of rows) element.classList.add("new");
      body.prepend(...rows);
      while (body.childElementCount > ROWS) body.lastElementChild?.remove();
      update();
    },
    clear() {
      items = [];
      redraw();
    },
    redraw,
  };
}
