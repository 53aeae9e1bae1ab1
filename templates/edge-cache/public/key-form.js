import { $ } from "./by-id.js";
import { keyInTab } from "./page.js";

/** The tab's key, as both pages have it. */
export const key = keyInTab("edge-cache");

/** Shows the form for a key while there is none. @param onKey is called when one was given */
export function bindKeyForm(onKey) {
  $("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    key.set($("key").value);
    $("key").value = "";
    showKeyForm();
    onKey();
  });
  showKeyForm();
}

/** @param problem why a key is needed, when one was refused */
export function showKeyForm(problem) {
  $("key-form").hidden = Boolean(key.get());
  if (problem) $("key-hint").textContent = problem;
}

/** A key that was refused is of no use. */
export function forgetKey() {
  key.forget();
  showKeyForm("That key is not valid here. Paste another.");
  $("key").focus();
}
