import { ApiProblem, call } from "./api.js";
import { ask } from "./ask.js";
import { $ } from "./by-id.js";
import { bindDocuments } from "./documents.js";
import { EXAMPLES } from "./examples.js";
import { explain } from "./explain.js";
import { bindKeyForm, forgetKey, key, showKeyForm } from "./key-form.js";
import { letter } from "./letter.js";
import { make } from "./page.js";
import { SNIPPETS } from "./snippets.js";
import { many, money } from "./words.js";

/** Letters that stay on the page. */
const MOST_LETTERS = 20;

let example = EXAMPLES[0];
let asking = null;
const sum = { asked: 0, paid: 0, saved: 0 };
/** Letters whose cost only a later hit can say, by the answer's key. */
const unpriced = new Map();

showExamples();
showSnippetKinds();
showExample();
showSampleLetters();
const documents = bindDocuments({ key: key.get, put, refused: forgetKey });
bindKeyForm(() => {
  void begin();
  $("submit").focus();
});
void begin();

$("modes").addEventListener("change", () => showMode());
$("ask-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void submit();
});
$("ask-form").addEventListener("input", showSnippet);
$("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  void submit();
});
$("again").addEventListener("click", (event) => {
  const variant = event.target.closest("button")?.dataset.variant;
  if (!variant) return;
  $("question").value = example[variant];
  showSnippet();
  void submit();
});
$("stop").addEventListener("click", () => asking?.abort());
$("copy").addEventListener("click", () => void copy());

/** What a key opens: the models, and documents where this stack takes them. */
async function begin() {
  if (!key.get()) return;
  await listModels();
  const response = await fetch("/v1/rag/documents?limit=1", { headers: { authorization: `Bearer ${key.get()}` } });
  await response.body?.cancel();
  $("modes").hidden = !response.ok;
}

function showMode() {
  const withDocuments = document.querySelector('[name="mode"]:checked').value === "documents";
  $("ask-form").hidden = withDocuments;
  $("documents").hidden = !withDocuments;
  if (withDocuments) void documents.open();
}

// The form

function showExamples() {
  for (const each of EXAMPLES) {
    const input = make("input", { type: "radio", name: "example", checked: each === example });
    input.addEventListener("change", () => {
      example = each;
      showExample();
    });
    $("examples").append(make("label", {}, input, each.name));
  }
}

function showExample() {
  $("question").value = example.question;
  $("again").hidden = true;
  showError(null);
  showSnippet();
}

function showSnippetKinds() {
  for (const [place, kind] of Object.keys(SNIPPETS).entries()) {
    const input = make("input", { type: "radio", name: "snippet", value: kind, checked: place === 0 });
    $("snippet-kinds").append(make("label", {}, input, kind));
  }
}

function showSnippet() {
  const request = requestOfForm(false);
  const kind = document.querySelector('[name="snippet"]:checked').value;
  $("snippet").textContent = SNIPPETS[kind](request, $("wish").value);
}

/** @param stream whether the answer may come as it is written */
function requestOfForm(stream = $("stream").checked) {
  const system = $("system").value.trim();
  return {
    model: $("model").value,
    messages: [
      ...(system ? [{ role: "system", content: system }] : []),
      { role: "user", content: $("question").value.trim() },
    ],
    ...($("temperature").value !== "" && { temperature: Number($("temperature").value) }),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  };
}

async function listModels() {
  try {
    const { data } = await call(key.get(), "GET", "/v1/models");
    const chosen = $("model").value;
    const chat = data.filter(({ id }) => !/embed|bge/.test(id));
    $("model").replaceChildren(...chat.map(({ id }) => make("option", { value: id }, id)));
    $("model").value = chat.some(({ id }) => id === chosen) ? chosen : chat[0]?.id;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) forgetKey();
  }
}

async function copy() {
  try {
    await navigator.clipboard.writeText($("snippet").textContent);
    $("copy").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren($("snippet"));
    $("copy").textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => {
    $("copy").textContent = "Copy";
  }, 3_000);
}

function showError(message) {
  $("form-error").hidden = message === null;
  $("form-error").textContent = message ?? "";
}

// Asking

async function submit() {
  // Not `disabled`: that would take the keyboard's place away.
  if (asking) return;
  showError(null);
  if (!key.get()) {
    showKeyForm();
    $("key").focus();
    return showError("An API key is needed first: paste one above.");
  }
  const request = requestOfForm();
  const question = request.messages.at(-1).content;
  if (!question) {
    $("question").focus();
    return showError("Write a question first.");
  }
  asking = new AbortController();
  $("submit").ariaBusy = "true";
  $("stop").hidden = false;
  const shown = letter(question);
  put(shown.element);
  try {
    const wish = $("wish").value;
    const answer = await ask(key.get(), request, {
      wish,
      signal: asking.signal,
      begun: (headers) => shown.begun(headers),
      said: (text) => shown.said(text),
    });
    shown.ended(answer);
    keepBooks(shown);
    void explain(key.get(), shown);
  } catch (error) {
    if (error.status === 401) {
      shown.element.closest("li").remove();
      forgetKey();
    } else
      shown.failed(
        error.name === "AbortError" ? new Error("Stopped. What the model says is kept all the same.") : error,
      );
  } finally {
    asking = null;
    $("submit").ariaBusy = null;
    if ($("stop") === document.activeElement) $("submit").focus();
    $("stop").hidden = true;
    $("again").hidden = ![example.question, example.rephrased, example.lookalike].includes(question);
  }
}

function put(element) {
  const list = $("letters");
  if (list.classList.contains("sample")) {
    list.classList.remove("sample");
    list.replaceChildren();
    $("sum").textContent = "";
  }
  list.prepend(make("li", {}, element));
  while (list.children.length > MOST_LETTERS) list.lastElementChild.remove();
  element.scrollIntoView({ block: "nearest" });
}

function keepBooks(shown) {
  const { outcome, key: answerKey, savedUsd } = shown.told;
  sum.asked++;
  if (outcome === "miss" || outcome === "bypass") sum.paid++;
  sum.saved += savedUsd ?? 0;
  if (outcome === "miss" && answerKey) unpriced.set(answerKey, shown);
  else if (answerKey && savedUsd) unpriced.get(answerKey)?.priced(savedUsd);
  const saved = sum.saved > 0 ? `, ${money(sum.saved)} saved` : "";
  $("sum").textContent = `${many(sum.asked, "answer")}, ${sum.paid} paid${saved}`;
}

/** What answers look like, before there are any. */
function showSampleLetters() {
  const first = letter("How do I cancel my order?");
  first.begun({ outcome: "miss", costUsd: 0.000041 });
  first.said("Open the order and choose “Cancel”. That works until it has left the warehouse.");
  first.ended({ text: "…", usage: null, model: "a model of your settings", firstMs: 412, ms: 1_840 });
  const second = letter("How can I cancel my order?");
  second.begun({ outcome: "hit-semantic", similarity: 0.987, age: 40, savedUsd: 0.000041 });
  second.said("Open the order and choose “Cancel”. That works until it has left the warehouse.");
  second.ended({ text: "…", usage: null, model: "a model of your settings", firstMs: 9, ms: 9 });
  $("letters").classList.add("sample");
  $("letters").replaceChildren(...[second, first].map(({ element }) => make("li", {}, element)));
  $("sum").textContent = "What answers look like. Yours will stand here.";
}
