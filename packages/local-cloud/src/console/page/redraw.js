/** What an element was drawn from. @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/**
 * Draws a list of items into an element, and touches only what has changed: what is open, scrolled, selected or focused
 * stays so while the page keeps itself fresh. What stands before the list, such as a table's head, is left alone.
 * @template Item
 * @param {HTMLElement} parent
 * @param {Item[]} items all that `draw` shows of an item is in it
 * @param {(item: Item) => string | number} keyOf names an item among the others
 * @param {(item: Item) => HTMLElement} draw within what it makes, `data-focus` names what can have the focus
 */
export function redrawList(parent, items, keyOf, draw) {
  const keys = new Set(items.map((item) => String(keyOf(item))));
  /** @type {Map<string, HTMLElement>} */
  const old = new Map();
  for (const child of /** @type {HTMLElement[]} */ ([...parent.children])) {
    const { key } = child.dataset;
    if (key === undefined) continue;
    if (keys.has(key)) old.set(key, child);
    else child.remove();
  }
  /** @type {Element | null} */
  let place = parent.querySelector(":scope > [data-key]");
  for (const item of items) {
    const key = String(keyOf(item));
    const state = JSON.stringify(item);
    const before = old.get(key);
    if (before && drawn.get(before) === state) {
      if (before === place) place = place.nextElementSibling;
      else parent.insertBefore(before, place);
      continue;
    }
    const element = draw(item);
    element.dataset.key = key;
    drawn.set(element, state);
    if (!before) {
      parent.insertBefore(element, place);
      continue;
    }
    if (before === place) place = place.nextElementSibling;
    const focused = focusWithin(before);
    parent.insertBefore(element, before);
    before.remove();
    if (focused !== undefined) giveFocus(element, focused);
  }
}

/**
 * Draws an element's contents anew when what they show has changed.
 * @param {HTMLElement} parent
 * @param {unknown} state all that `draw` shows
 * @param {() => HTMLElement} draw
 */
export function redraw(parent, state, draw) {
  redrawList(parent, [state], () => "only", draw);
}

/** @param {HTMLElement} element */
function focusWithin(element) {
  const active = document.activeElement;
  return active instanceof HTMLElement && element.contains(active) ? (active.dataset.focus ?? "") : undefined;
}

/** @param {HTMLElement} element @param {string} name */
function giveFocus(element, name) {
  for (const candidate of /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("[data-focus]")))
    if (candidate.dataset.focus === name) candidate.focus({ preventScroll: true });
}
