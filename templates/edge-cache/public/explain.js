import { ApiProblem, call } from "./api.js";
import { make } from "./page.js";

/** When an explanation is looked for, ms after the answer: it is written beside the answer, not before it. */
const LOOKS = [250, 500, 1_000, 2_500];

/** What is learned from a miss comes later. */
const LEARNED_AFTER = 3_000;

const STATES = {
  served: "means the same; its answer was given",
  "would-serve": "means the same; its answer would be given, were this not shadow mode",
  usable: "means the same, too",
  no: "is another question",
  open: "may mean the same; the two answers are compared",
  blocked: "is known to be another question",
  learned: "is known to mean the same",
  stopped: "was wrong too often and answers no other question",
  gone: "is expired or purged",
};

/** Guards that find a difference, in words. */
const wordsOf = (guard) => guard.replaceAll(/[-_]/g, " ");

/** Shows under a letter why its answer came from where it did, where this stack can say so. */
export async function explain(key, letter) {
  const { requestId, key: answerKey, outcome } = letter.told;
  const query = outcome === "hit-exact" && answerKey ? { key: answerKey } : { request_id: requestId };
  const explained = await look(key, query, LOOKS);
  if (!explained) return;
  show(key, letter, explained);
  if (!explained.candidates.some(({ state }) => state === "open") || explained.learned) return;
  const learned = await look(key, query, [LEARNED_AFTER, LEARNED_AFTER], (later) => later.learned);
  if (learned) show(key, letter, learned);
}

/** Looks until there is what is looked for; null when there is nothing, or no such endpoint. */
async function look(key, query, after, holds = () => true) {
  for (const ms of after) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    try {
      const explained = await call(key, "GET", `/v1/cache/explain?${new URLSearchParams(query)}`);
      if (holds(explained)) return explained;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 404) return null;
    }
  }
  return null;
}

function show(key, letter, { why, mode, candidates, learned, searched_ms }) {
  const sentence = `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
  const parts = [make("p", {}, sentence)];
  if (candidates.length > 0) parts.push(make("ul", { className: "candidates" }, ...candidates.map(candidateOf)));
  if (learned) parts.push(make("p", {}, lessonOf(learned)));
  if (mode === "shadow") parts.push(make("p", { className: "hint" }, "Shadow mode: what is alike is only counted."));
  if (searched_ms !== null)
    parts.push(make("p", { className: "hint" }, `Looking for alike questions took ${searched_ms} ms.`));
  if (letter.told.outcome === "hit-semantic") parts.push(wrongButton(key, letter.told.requestId));
  const opened = letter.why.querySelector("details")?.open ?? true;
  letter.why.replaceChildren(make("details", { open: opened }, make("summary", {}, "Why"), ...parts));
}

function candidateOf({ similarity, state, reasons }) {
  const scale = make("span", { className: "scale" });
  // Below 0.5 nothing is alike.
  scale.style.setProperty("--alike", `${Math.max(0, (similarity - 0.5) * 200)}%`);
  return make(
    "li",
    {},
    make("span", { className: "numeric similarity" }, similarity.toFixed(3)),
    scale,
    make("span", {}, `A kept question ${STATES[state] ?? state}.`),
    ...(reasons.length === 0 ? [] : [make("ul", { className: "reasons" }, ...reasons.map(reasonOf))]),
  );
}

function reasonOf({ guard, asked, candidate, decides }) {
  const side = (text) => (text === "" ? make("span", {}, "nothing") : make("q", {}, text));
  return make(
    "li",
    {},
    make("strong", {}, wordsOf(guard)),
    ": here ",
    side(asked),
    ", there ",
    side(candidate),
    decides ? "" : " (does not decide alone)",
  );
}

function lessonOf({ result, judged }) {
  const by = judged === null ? "The two answers" : "The two answers, and a model that judged them,";
  if (result === "same") return `${by} agree: from now on the question is answered from the cache.`;
  if (result === "different") return `${by} differ: the two are not compared again.`;
  return "The two answers prove nothing yet.";
}

function wrongButton(key, requestId) {
  const button = make("button", { type: "button", className: "small danger" }, "This answer is wrong");
  button.addEventListener("click", async () => {
    try {
      const { within_seconds } = await call(key, "POST", "/v1/cache/wrong", { request_id: requestId });
      const told = make(
        "p",
        { className: "hint", tabIndex: -1 },
        `Reported. Within ${within_seconds} s it is served for this question nowhere.`,
      );
      button.replaceWith(told);
      told.focus();
    } catch (error) {
      button.textContent = error instanceof ApiProblem ? error.message : "Not reported: try again";
    }
  });
  return button;
}
