import { make } from "./page.js";

/**
 * A table whose first figure is a bar as well.
 *
 * @param columns `{ label, cell, bar? }`: `cell` makes a row's content, `bar` gives its length
 * @param otherwise what is said without rows
 */
export function ranking(container, { caption, columns, rows, otherwise }) {
  if (rows.length === 0) {
    container.replaceChildren(make("p", { className: "hint" }, otherwise));
    return;
  }
  const heads = columns.map(({ label, end }) => make("th", { scope: "col", className: end ? "end" : "" }, label));
  container.replaceChildren(
    make(
      "table",
      {},
      make("caption", { className: "visually-hidden" }, caption),
      make("thead", {}, make("tr", {}, ...heads)),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...columns.map((column) => cellOf(column, row, rows))))),
    ),
  );
}

function cellOf({ cell, bar, end }, row, rows) {
  const content = make("td", { className: end ? "end numeric" : "" }, cell(row));
  if (!bar) return content;
  const most = Math.max(...rows.map(bar));
  const length = make("span", { className: "bar" });
  length.style.width = most > 0 ? `${(bar(row) / most) * 100}%` : "0";
  content.append(length);
  return content;
}
