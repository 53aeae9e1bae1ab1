import { make } from "./page.js";
import { postmark } from "./postmark.js";
import { money, OUTCOMES, took } from "./words.js";

const NOT_CONTAINED = {
  no_documents: "No document is ready yet.",
  nothing_near: "Nothing in the documents is near this question, so no model was asked.",
  model: "The documents do not hold the answer.",
};

/** A question to the documents and its answer, with the places it was taken from. */
export function documentLetter(question) {
  const head = make("header", {}, make("h3", { className: "asked" }, question));
  const text = make("div", { className: "answer waiting" }, "Looking through the documents.");
  const quotes = make("ol", { className: "quotes" });
  const facts = make("dl", { className: "facts" });
  const note = make("p", { className: "hint", hidden: true });
  const element = make("article", { className: "letter" }, head, text, quotes, facts, note);

  return {
    element,
    found() {
      text.textContent = "Passages are found; the answer is being written.";
    },
    said(words) {
      text.className = "answer";
      // What a model writes is text, whatever it looks like.
      text.textContent = words;
    },
    ended(reply, ms) {
      const { answer, contained, reason, citations, notes, model, stand_in, cost_usd } = reply;
      const outcome = !contained ? "not-contained" : citations.length > 0 ? "cited" : "uncited";
      head.append(
        postmark(outcome),
        make(
          "p",
          { className: "outcome" },
          contained ? OUTCOMES[outcome].means : (NOT_CONTAINED[reason] ?? NOT_CONTAINED.model),
        ),
      );
      text.className = contained ? "answer" : "answer waiting";
      text.textContent = answer || NOT_CONTAINED[reason] || NOT_CONTAINED.model;
      quotes.replaceChildren(
        ...citations.map(({ number, quote, name, page }) =>
          make(
            "li",
            { value: number },
            make("blockquote", {}, quote),
            make("cite", {}, page === null ? name : `${name}, page ${page}`),
          ),
        ),
      );
      facts.replaceChildren(
        ...[
          ["Whole", took(ms)],
          ["Cost", money(cost_usd)],
          ["Model", model],
        ]
          .filter(([, value]) => value !== null)
          .map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", { className: "numeric" }, value))),
      );
      const told = [
        ...notes.map(sentence),
        ...(stand_in ? ["Written by the local stand-in for a model, not by a model."] : []),
      ];
      note.textContent = told.join(" ");
      note.hidden = told.length === 0;
    },
    failed(error) {
      head.append(postmark("error"));
      text.className = "answer failed";
      text.textContent = error.status ? error.message : "The Worker could not be reached. Try again.";
    },
  };
}

function sentence(text) {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
