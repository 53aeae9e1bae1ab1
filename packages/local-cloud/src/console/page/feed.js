/** How many activities are kept, and how many of them are rows. */
const KEPT = 1000;
const ROWS = 250;

/**
 * A table body that shows the newest items on top.
 * @template Item
 * @param {{
 *   body: HTMLElement,
 *   count: HTMLElement,
 *   row: (item: Item) => HTMLElement,
 *   isInScope: (item: Item) => boolean,
 *   matches: (item: Item) => boolean,
 *   showEmpty: (state: "none" | "nothing-matches" | "rows") => void,
 * }} options Items out of scope (other accounts) do not count; those that do not match the filters are counted.
 */
export function createFeed({ body, count, row, isInScope, matches, showEmpty }) {
  /** @type {Item[]} */
  let items = [];
  let total = 0;
  let matching = 0;

  const isShown = (/** @type {Item} */ item) => isInScope(item) && matches(item);
  const recount = () => {
    total = items.filter(isInScope).length;
    matching = items.filter(isShown).length;
    count.textContent = total === 0 ? "" : matching === total ? String(total) : `${matching} of ${total}`;
    showEmpty(total === 0 ? "none" : matching === 0 ? "nothing-matches" : "rows");
  };
  const redraw = () => {
    body.replaceChildren(...items.filter(isShown).slice(-ROWS).reverse().map(row));
    recount();
  };
  return {
    /** Shows more items, oldest first. @param {Item[]} more */
    add(more) {
      if (more.length === 0) return;
      items = [...items, ...more].slice(-KEPT);
      const rows = more.filter(isShown).slice(-ROWS).reverse().map(row);
      for (const element of rows) element.classList.add("new");
      body.prepend(...rows);
      while (body.childElementCount > ROWS) body.lastElementChild?.remove();
      recount();
    },
    clear() {
      items = [];
      redraw();
    },
    redraw,
  };
}
