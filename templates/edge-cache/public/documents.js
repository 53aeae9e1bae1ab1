import { $ } from "./by-id.js";
import { documentLetter } from "./document-letter.js";
import { askDocuments, deleteDocument, listDocuments, uploadDocument } from "./documents-api.js";
import { make, setBadge } from "./page.js";
import { SAMPLE_DOCUMENT, SAMPLE_QUESTION } from "./sample-document.js";
import { many } from "./words.js";

/** How often documents on their way are looked at, ms. */
const PACE = 1_500;

/** The family's colours for a document's states. */
const BADGES = { queued: "queued", indexing: "running", ready: "done", failed: "failed", deleting: "cancelled" };

/**
 * The part of the page for documents.
 *
 * @param page `key()`, `put(element)` for an answer, `refused()` when the key is not valid
 * @returns `{ open() }`
 */
export function bindDocuments(page) {
  let timer = 0;
  let asking = false;

  $("file").addEventListener("change", () => {
    void upload([...$("file").files]);
    $("file").value = "";
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    $("drop").addEventListener(name, (event) => {
      event.preventDefault();
      $("drop").classList.toggle("over", name === "dragover");
      if (name === "drop") void upload([...event.dataTransfer.files]);
    });
  }
  $("sample-document").addEventListener("click", () => {
    $("documents-question").value = SAMPLE_QUESTION;
    void upload([new File([SAMPLE_DOCUMENT], "Handbook of the lamp shop.md")]);
  });
  $("documents-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void ask();
  });

  async function list() {
    clearTimeout(timer);
    try {
      const documents = await listDocuments(page.key());
      show(documents);
      const moving = documents.some(({ state }) => ["queued", "indexing", "deleting"].includes(state));
      if (moving && !$("documents").hidden) timer = setTimeout(() => void list(), PACE);
    } catch (error) {
      fail(error);
    }
  }

  function show(documents) {
    const focused = document.activeElement?.closest("#document-list li")?.dataset.id;
    $("document-list").replaceChildren(...documents.map(entryOf));
    $("document-list").querySelector(`[data-id="${focused}"] button`)?.focus();
    $("sample-offer").hidden = documents.length > 0;
    const ready = documents.filter(({ state }) => state === "ready").length;
    const told = `${many(documents.length, "document")}, ${ready} ready`;
    if ($("documents-told").textContent !== told) $("documents-told").textContent = told;
  }

  function entryOf({ id, name, state, chunks, embedded, reason }) {
    const badge = make("span", { className: "badge" });
    setBadge(badge, BADGES[state]);
    badge.textContent = state;
    const remove = make(
      "button",
      { type: "button", className: "small danger", hidden: state === "deleting" },
      "Delete",
    );
    remove.setAttribute("aria-label", `Delete ${name}`);
    remove.addEventListener("click", () => void removeDocument(id));
    const progress =
      chunks === null ? "" : state === "ready" ? many(chunks, "passage") : `${embedded} of ${chunks} passages`;
    const entry = make(
      "li",
      {},
      make("span", { className: "name" }, name),
      make("span", { className: "hint" }, [progress, reason?.message].filter(Boolean).join(". ")),
      badge,
      remove,
    );
    entry.dataset.id = id;
    return entry;
  }

  async function removeDocument(id) {
    try {
      await deleteDocument(page.key(), id);
    } catch (error) {
      fail(error);
    }
    await list();
    $("documents-heading").tabIndex = -1;
    $("documents-heading").focus();
  }

  async function upload(files) {
    showError(null);
    for (const file of files) {
      try {
        await uploadDocument(page.key(), file);
      } catch (error) {
        fail(error, file.name);
      }
    }
    await list();
  }

  async function ask() {
    // Not `disabled`: that would take the keyboard's place away.
    if (asking) return;
    const question = $("documents-question").value.trim();
    if (!question) return $("documents-question").focus();
    asking = true;
    showError(null);
    $("documents-submit").ariaBusy = "true";
    const shown = documentLetter(question);
    page.put(shown.element);
    const started = performance.now();
    try {
      const reply = await askDocuments(page.key(), question, {
        sources: () => shown.found(),
        text: (text) => shown.said(text),
      });
      shown.ended(reply, performance.now() - started);
    } catch (error) {
      shown.failed(error);
      if (error.status === 401) page.refused();
    } finally {
      asking = false;
      $("documents-submit").ariaBusy = null;
    }
  }

  function fail(error, name) {
    if (error.status === 401) return page.refused();
    showError(
      `${name ? `${name}: ` : ""}${error.status ? error.message : "The Worker could not be reached. Try again."}`,
    );
  }

  return { open: list };
}

function showError(message) {
  $("documents-error").hidden = message === null;
  $("documents-error").textContent = message ?? "";
}
