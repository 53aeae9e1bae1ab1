/**
 * The element with this id. The page always has it.
 * @param {string} id
 * @returns {any}
 */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * Makes an element. Everything given as a child that is not an element becomes text, never markup.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | ((event: any) => unknown) | undefined>} [attributes] `undefined` and `false` leave one out; functions become listeners.
 * @param {...(Node | string | number | undefined)} children
 * @returns {any}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(
    ...children.filter((child) => child !== undefined).map((child) => (child instanceof Node ? child : String(child))),
  );
  return element;
}

/**
 * Makes an element of a drawing.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string | number)} children
 */
export function makeSvg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

/**
 * A link, but only to a web address: a Worker's name or address could be anything.
 * @param {string | undefined} url
 * @param {string} text
 */
export function link(url, text) {
  if (!url || !/^https?:\/\//.test(url)) return make("span", {}, text);
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}
