import { call } from "./api.js";
import { $ } from "./by-id.js";
import { setBadge } from "./page.js";
import { many, number, reasonOf, wasLoading } from "./words.js";

/** Shows one item: what came in, what came out, or why nothing did. */
export async function openItem(key, batch, position) {
  const item = await call(key, "GET", `/v1/batches/${batch.id}/items/${position}`);
  $("item-heading").textContent = `Item ${number(position + 1)}`;
  setBadge($("item-status"), item.status);
  const told = [];
  if (item.line !== null) told.push(`Line ${number(item.line)} of the source.`);
  if (item.attempts > 0) told.push(`${many(item.attempts, "failed attempt")}.`);
  if (item.reason !== null) told.push(`${reasonOf(item.reason)}${wasLoading(item) ? "" : ` in step “${item.step}”`}.`);
  if (item.message !== null) told.push(item.message);
  $("item-told").textContent = told.join(" ");
  $("item-input").textContent =
    item.input === null ? "It could not be read, so nothing of it was kept." : pretty(item.input);
  $("item-out").hidden = item.result === null;
  $("item-result").textContent = item.result === null ? "" : pretty(item.result);
  $("item").showModal();
}

const pretty = (value) => JSON.stringify(value, null, 2);
