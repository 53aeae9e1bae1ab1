import { make } from "./page.js";
import { postmark } from "./postmark.js";
import { age, money, OUTCOMES, took } from "./words.js";

/** Why a request went past the cache, by `x-cache-bypass`. */
const BYPASSED = {
  "no-store": "The request said no-store.",
  tools: "It may call tools, which depend on the world.",
  temperature: "Its temperature asks for a different answer each time.",
  personal: "It holds personal data.",
  secret: "It holds a key, a token or a password.",
  live: "It asks for what is true only for a while.",
  creative: "It asks for something made up.",
};

/** One question and its answer, as they come. It is complete once `ended` or `failed` was called. */
export function letter(question) {
  const heading = make("h3", { className: "asked" }, question);
  const head = make("header", {}, heading);
  const text = make("div", { className: "answer waiting" }, "Waiting for the first word.");
  const facts = make("dl", { className: "facts" });
  const note = make("p", { className: "hint", hidden: true });
  const why = make("div", { className: "why" });
  const element = make("article", { className: "letter" }, head, text, facts, note, why);
  let told = null;
  let cost = null;

  function show(list) {
    facts.replaceChildren(
      ...list
        .filter(([, value]) => value !== null)
        .map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", { className: "numeric" }, value))),
    );
  }

  function stamp(outcome) {
    element.dataset.outcome = outcome;
    const { means } = OUTCOMES[outcome] ?? OUTCOMES.bypass;
    head.append(postmark(outcome), make("p", { className: "outcome" }, make("code", {}, outcome), ` ${means}`));
  }

  return {
    element,
    /** Where what explains the answer is put. */
    why,
    get told() {
      return told;
    },
    begun(headers) {
      told = headers;
      stamp(headers.outcome);
      const notes = [];
      if (headers.bypassed)
        notes.push(BYPASSED[headers.bypassed] ?? `Past the cache: ${headers.bypassed.replaceAll("-", " ")}.`);
      if (headers.standIn) notes.push("Written by the local stand-in for a model, not by a model.");
      note.textContent = notes.join(" ");
      note.hidden = notes.length === 0;
    },
    said(words) {
      text.className = "answer";
      // What a model writes is text, whatever it looks like.
      text.textContent = words;
    },
    ended({ text: words, usage, model, firstMs, ms }) {
      if (words === "") text.textContent = "The answer has no text.";
      const paid = told.outcome === "miss" || told.outcome === "bypass";
      cost = make("span", {}, typeof told.costUsd !== "number" ? "told when it is asked again" : money(told.costUsd));
      show([
        ["First word", firstMs === null ? null : took(firstMs)],
        ["Whole", took(ms)],
        ["Cost", paid ? cost : money(told.costUsd ?? 0)],
        ["Saved", paid || typeof told.savedUsd !== "number" ? null : money(told.savedUsd)],
        ["Similarity", typeof told.similarity !== "number" ? null : told.similarity.toFixed(3)],
        ["Age", typeof told.age !== "number" ? null : age(told.age)],
        ["Tokens", usage && paid ? `${usage.prompt_tokens} in, ${usage.completion_tokens} out` : null],
        ["Model", model],
      ]);
    },
    /** What a streamed answer had cost, once a later hit says it. */
    priced(usd) {
      if (cost && typeof told.costUsd !== "number") cost.textContent = money(usd);
    },
    failed(error) {
      if (!told) stamp("error");
      text.className = "answer failed";
      text.textContent = error.message;
      show([["Code", error.code ?? null]]);
    },
  };
}
