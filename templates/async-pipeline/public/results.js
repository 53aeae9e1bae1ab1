import { ApiProblem } from "./api.js";
import { $ } from "./by-id.js";
import { make } from "./page.js";
import { label, number } from "./words.js";

/** Rows of a page. Never more are rendered, however many there are. */
export const PAGE = 10;

/** Forgets what was shown of another batch. */
export function clearResults() {
  $("results").hidden = true;
  $("results-head").replaceChildren();
  $("results-rows").replaceChildren();
}

/**
 * Shows a page of results.
 *
 * @param after the position before the page; -1 for the first
 * @param open shows an item
 * @returns how many rows there are, and the last one's position for the next page
 */
export async function showResults({ key, batch, schema, after }, open) {
  const { rows, more } = await readPage(key, `/v1/batches/${batch.id}/results?after=${after}`);
  const columns = Object.keys(schema?.properties ?? {}).filter((name) => name !== "id");
  const byId = rows.some(({ result }) => result?.id !== undefined);
  const names = byId ? ["id", ...columns] : columns;
  $("results-head").replaceChildren(
    make("th", { scope: "col" }, "No."),
    ...names.map((name) => make("th", { scope: "col" }, label(name))),
  );
  const focused = document.activeElement?.closest("#results-rows tr")?.dataset.position;
  $("results-rows").replaceChildren(...rows.map((row) => rowOf(row, names, open)));
  $("results-rows").querySelector(`[data-position="${focused}"] button`)?.focus();
  $("results").hidden = rows.length === 0 && after < 0;
  $("results-first").hidden = after < 0;
  $("results-next").hidden = !more;
  return { rows: rows.length, last: rows.at(-1)?.position ?? after };
}

/** Reads the first lines of the download and leaves the rest where it is. */
async function readPage(key, address) {
  const response = await fetch(address, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new ApiProblem(response.status, await response.json().catch(() => ({})));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let ends = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    text += read.value;
    ends += read.value.split("\n").length - 1;
    if (ends > PAGE) break;
  }
  await reader.cancel().catch(() => {});
  const lines = text.split("\n").slice(0, -1);
  return { rows: lines.slice(0, PAGE).map((line) => JSON.parse(line)), more: lines.length > PAGE };
}

function rowOf({ position, result }, names, open) {
  const button = make("button", { type: "button", className: "open" }, number(position + 1));
  button.setAttribute("aria-label", `Open item ${number(position + 1)}`);
  button.addEventListener("click", () => open(position));
  const cells = names.map((name) => {
    // What a model writes is text, whatever it looks like.
    const text = textOf(result?.[name]);
    return make(
      "td",
      { className: text.length > 40 ? "long" : text.length < 25 ? "short" : "" },
      make("span", { className: "clamped" }, text),
    );
  });
  const row = make("tr", {}, make("td", {}, button), ...cells);
  row.dataset.position = String(position);
  return row;
}

function textOf(value) {
  if (value === undefined || value === null) return "–";
  if (typeof value === "number") return number(value);
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(firstText).join(" · ");
  return typeof value === "object" ? firstText(value) : String(value);
}

/** A list's entry in a few words: the first text in it. */
function firstText(value) {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.values(value).find((each) => typeof each === "string") ?? JSON.stringify(value);
}

/** Saves all results to a file. */
export async function downloadResults(key, batch) {
  const response = await fetch(`/v1/batches/${batch.id}/results`, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new ApiProblem(response.status, await response.json().catch(() => ({})));
  const address = URL.createObjectURL(await response.blob());
  make("a", { href: address, download: `${batch.id}.ndjson` }).click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
