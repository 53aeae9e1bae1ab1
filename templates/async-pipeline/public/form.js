import { $ } from "./by-id.js";
import { EXAMPLES, exampleFile } from "./examples.js";
import { optionFields, readOptions } from "./options-form.js";
import { make } from "./page.js";
import { CONTENT_TYPES, readFile, readText } from "./read-items.js";
import { label, many, size } from "./words.js";

let pipelines = [];
let pipeline = null;
/** What the file box holds: the file and how it was read. */
let chosen = null;
/** Raised with every file, so that a slow one does not overtake the next. */
let turn = 0;

/** Fills the form. @param list as `/v1/pipelines` gives it */
export function showPipelines(list) {
  pipelines = list;
  $("pipelines").replaceChildren(
    ...list.map(({ name, description }) => {
      const input = make("input", { type: "radio", name: "pipeline", value: name });
      input.addEventListener("change", () => showPipeline(name));
      const id = `pipeline-${name}`;
      input.setAttribute("aria-labelledby", id);
      input.setAttribute("aria-describedby", `${id}-description`);
      return make(
        "label",
        {},
        input,
        make("span", { className: "name", id }, label(name)),
        make("span", { className: "hint", id: `${id}-description` }, description),
      );
    }),
  );
  if (list[0]) showPipeline(list[0].name);
}

/** What a pipeline takes and gives. */
export const pipelineNamed = (name) => pipelines.find((each) => each.name === name);

/** Puts the chosen pipeline's example back. */
export const showExample = () => pipeline && showPipeline(pipeline.name);

/**
 * What the form would send.
 *
 * @returns `{address, body, contentType, same}`; `same` is equal for equal submissions
 * @throws Error in words for people
 */
export function readForm() {
  const options = readOptions($("options"), pipeline.options);
  const webhook = $("webhook").value.trim();
  const facts = { pipeline: pipeline.name, options, ...(webhook && { webhook_url: webhook }) };
  if (intake() === "url") {
    const url = $("url").value.trim();
    if (url === "") throw new Error("The address of the file is missing.");
    const body = JSON.stringify({ ...facts, file_url: url });
    return { address: "/v1/batches", body, contentType: "application/json", same: body };
  }
  const { read, same } = intake() === "file" ? fromFile() : fromText();
  const query = new URLSearchParams({ ...facts, options: JSON.stringify(options) });
  return {
    address: `/v1/batches?${query}`,
    body: read.body,
    contentType: CONTENT_TYPES[read.form],
    same: `${query} ${same}`,
  };
}

/** Marks the fields that an answer's problems name, in lines of `/path: message`. */
export function markProblems(message) {
  const wrong = new Set([...message.matchAll(/^\/options\/(\w+)/gm)].map(([, name]) => `option-${name}`));
  if (/^\/?webhook_url/m.test(message)) wrong.add("webhook");
  if (/^\/?file_url/m.test(message)) wrong.add("url");
  for (const control of $("batch-form").querySelectorAll("input, select, textarea")) {
    if (wrong.has(control.id)) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  const first = $("batch-form").querySelector("[aria-invalid=true]");
  const hidden = first?.closest("details");
  if (hidden) hidden.open = true;
  first?.focus();
}

function showPipeline(name) {
  pipeline = pipelineNamed(name);
  for (const input of $("pipelines").querySelectorAll("input")) input.checked = input.value === name;
  $("steps").textContent = stepsOf(pipeline);
  const fields = optionFields(pipeline.options);
  $("options").replaceChildren(...fields);
  $("options-set").hidden = fields.length === 0;
  $("item-fields").replaceChildren(...itemFields(pipeline.item));
  $("text").value = EXAMPLES[name]?.text ?? "";
  $("made").hidden = !EXAMPLES[name];
  markProblems("");
  showError(null);
  showText();
  if (chosen) void takeFile(chosen.file);
  untouched();
}

function stepsOf({ steps, shared }) {
  const asks = steps.filter(({ kind }) => kind === "ask").map(({ name }) => name);
  const all = steps.map(({ name }) => name).join(" → ");
  const asking = asks.length === steps.length ? "" : ` (a model is asked to ${asks.join(" and to ")})`;
  const sharing = shared ? ` Up to ${shared.items} small items share one question.` : "";
  return `Steps: ${all}${asking}.${sharing}`;
}

function itemFields({ properties = {}, required = [], additionalProperties }) {
  const rows = Object.entries(properties).map(([name, { description, enum: choices }]) => {
    const facts = [required.includes(name) ? "needed" : "may be left out", ...(choices ? [choices.join(" or ")] : [])];
    const text = `${facts.join(", ")}. ${description ?? ""}`;
    return make("div", {}, make("dt", { className: "numeric" }, name), make("dd", {}, text));
  });
  if (additionalProperties !== false) {
    rows.push(make("div", {}, make("dt", {}, "anything else"), make("dd", {}, "goes along as a fact about the item.")));
  }
  return rows;
}

// The items

const intake = () => document.querySelector("input[name=intake]:checked").value;

function fromText() {
  const text = $("text").value;
  const read = readText(text, pipeline.item);
  if (read.problem) throw new Error(read.problem);
  return { read, same: text };
}

function fromFile() {
  if (!chosen) throw new Error("Choose a file first, or drop one.");
  if (!chosen.read) throw new Error("The file is still being looked at.");
  if (chosen.read.problem) throw new Error(chosen.read.problem);
  const { name, size: bytes, lastModified } = chosen.file;
  return { read: chosen.read, same: JSON.stringify([name, bytes, lastModified]) };
}

function showIntake() {
  for (const each of ["text", "file", "url"]) $(`intake-${each}`).hidden = intake() !== each;
}

function showText() {
  const { problem, told } = readText($("text").value, pipeline.item);
  $("text-told").textContent = problem ?? told;
  $("text-told").classList.toggle("problem", problem !== undefined);
}

async function takeFile(file) {
  const mine = ++turn;
  chosen = { file, read: null };
  showFile(`${file.name}, ${size(file.size)}`);
  let read;
  try {
    read = await readFile(file, pipeline.item);
  } catch {
    read = { problem: `${file.name} cannot be read. Was it moved or changed? Choose it again.` };
  }
  if (mine !== turn) return;
  chosen = { file, read };
  const items = read.items ? ` ${many(read.items, "item")}.` : "";
  showFile(read.problem ?? `${file.name}, ${size(file.size)}.${items} ${read.told}`, read.problem !== undefined);
  touched();
}

function showFile(told, isProblem = false) {
  $("file-told").textContent = told;
  $("file-told").classList.toggle("problem", isProblem);
}

// Events

$("batch-form").addEventListener("input", (event) => {
  if (event.target.name === "pipeline") return;
  event.target.removeAttribute("aria-invalid");
  if (event.target.id === "text") showText();
  if (event.target.name === "intake") showIntake();
  touched();
});
$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  if (file) void takeFile(file);
  // The same file, mended, can be chosen again.
  $("file").value = "";
});
for (const button of $("made").querySelectorAll("button")) {
  button.addEventListener("click", () => {
    void takeFile(exampleFile(pipeline.name, Number(button.dataset.items)));
  });
}

// A file may be dropped anywhere on the form.
$("batch-form").addEventListener("dragover", (event) => {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  openFiles();
  $("drop").classList.add("over");
});
$("batch-form").addEventListener("dragleave", (event) => {
  if (!$("batch-form").contains(event.relatedTarget)) $("drop").classList.remove("over");
});
$("batch-form").addEventListener("drop", (event) => {
  const { files } = event.dataTransfer;
  if (files.length === 0) return;
  event.preventDefault();
  $("drop").classList.remove("over");
  openFiles();
  if (files.length > 1) showFile("One file at a time: a batch comes from one file.", true);
  else void takeFile(files[0]);
});

function openFiles() {
  document.querySelector("input[name=intake][value=file]").checked = true;
  showIntake();
}

// Small parts

function touched() {
  $("submit").textContent = "Start";
  $("reset").hidden = intake() !== "text" || !EXAMPLES[pipeline.name];
  showCurl();
}

function untouched() {
  $("submit").textContent = intake() === "text" && EXAMPLES[pipeline.name] ? "Start this example" : "Start";
  $("reset").hidden = true;
  showCurl();
}

function showCurl() {
  $("curl").textContent = curlOf();
}

function curlOf() {
  const head = (address) => [`curl '${location.origin}${address}' \\`, `  -H "authorization: Bearer $API_KEY" \\`];
  let form;
  try {
    form = readForm();
  } catch {
    return [...head("/v1/batches?pipeline=…"), `  -H "content-type: text/csv" \\`, "  --data-binary @items.csv"].join(
      "\n",
    );
  }
  const { address, body, contentType } = form;
  const data =
    typeof body === "string"
      ? `  --data-binary '${body.trimEnd().replaceAll("'", "'\\''")}'`
      : `  --data-binary '@${chosen.file.name.replaceAll("'", "'\\''")}'`;
  return [...head(address), `  -H "content-type: ${contentType}" \\`, data].join("\n");
}

/** Says what is wrong with the submission; null takes it back. */
export function showError(message) {
  $("form-error").hidden = message === null;
  $("form-error").textContent = message ?? "";
}
