/** Keeps a page's API key in its tab, under the template's name. `#key=…` in the address brings it along. */
export function keyInTab(template) {
  const name = `${template}.key`;
  const given = new URLSearchParams(location.hash.slice(1)).get("key");
  if (given) {
    sessionStorage.setItem(name, given);
    // Out of the address bar and the history.
    history.replaceState(null, "", location.pathname + location.search);
  }
  return {
    get: () => sessionStorage.getItem(name),
    set: (key) => sessionStorage.setItem(name, key.trim()),
    forget: () => sessionStorage.removeItem(name),
  };
}

/** Makes an element with properties and children. */
export function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Shows a status in the family's colours. */
export function setBadge(element, status) {
  element.dataset.status = status;
  element.textContent = status;
}

/** A time span for people: `430 ms`, `1.8 s`, `2 min 5 s`. */
export function duration(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
