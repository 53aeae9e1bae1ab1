import { questionsOfDay } from "./day-of-questions.ts";

/** One request of a visit. */
export interface Ask {
  /** How it is called in the report, e.g. `event-agent: submit a job`. */
  readonly kind: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What one caller does in one go: requests one after another, the next made of the answer before. */
export type Visit = Generator<Ask, void, Answer>;

/** Which visit it is. */
export interface VisitNumber {
  /** Of this run, from 0. */
  readonly number: number;
  /** The run: what was asked in another one is not asked again in this. */
  readonly run: string;
}

/** A kind of visit, and how many of a month's it is. */
export interface VisitKind {
  readonly template: string;
  /** Visits a month. */
  readonly monthly: number;
  readonly source: string;
  readonly begin: (visit: VisitNumber) => Visit;
}

/**
 * The requests of a month of the products that this kit was made after: an AI relay behind a cache, an email worker behind
 * a queue, a sales engine and a delivery worker that answer events. No figure is known of the valuation app; it is given as
 * many visits as those two.
 */
export const MIX: readonly VisitKind[] = [
  {
    template: "edge-cache",
    monthly: 48_000,
    source: "the AI relay: 48,000 requests a month, 62 % asked before",
    begin: ask,
  },
  {
    template: "async-pipeline",
    monthly: 2_400,
    source: "the email worker: 2,400 requests a month",
    begin: submitBatch,
  },
  {
    template: "event-agent",
    monthly: 1_100,
    source: "the sales engine and the delivery worker: 800 and 300 requests a month",
    begin: submitJob,
  },
  {
    template: "valuation-app",
    monthly: 1_100,
    source: "no figure is known: as many as the event agent, by assumption",
    begin: valueThing,
  },
];

/** Draws kinds of visits by their shares, of the templates that are there. */
export function drawVisits(templates: ReadonlySet<string>): (chance: number) => VisitKind {
  const there = MIX.filter(({ template }) => templates.has(template));
  const all = there.reduce((sum, { monthly }) => sum + monthly, 0);
  return (chance) => {
    let left = chance * all;
    const found = there.find(({ monthly }) => {
      left -= monthly;
      return left < 0;
    });
    const last = found ?? there.at(-1);
    if (!last) throw new Error("no template of the mix is deployed");
    return last;
  };
}

/** As many as are asked before the first comes round again. */
const QUESTIONS = questionsOfDay(50_000);

function* ask({ number, run }: VisitNumber): Visit {
  const content = `Shop ${run}: ${QUESTIONS[number % QUESTIONS.length]}`;
  const messages = [{ role: "user", content }];
  yield post("edge-cache: ask a question", "/v1/chat/completions", { model: "auto", messages });
}

function* submitBatch({ number, run }: VisitNumber): Visit {
  const items = [
    { text: `Letter ${run}-${number}. The lamp of order ${number * 7919} is ${number % 2 ? "broken" : "lovely"}.` },
  ];
  const batch = { pipeline: "classify-and-tag", items };
  const { status, text } = yield post("async-pipeline: submit a batch of one", "/v1/batches", batch);
  if (status === 202) yield get("async-pipeline: look at a batch", `/v1/batches/${idOf(text)}`);
}

function* submitJob({ number, run }: VisitNumber): Visit {
  const job = {
    task: "summarize",
    input: { text: `Order ${run}-${number} was paid. It is to be sent to Bergen by Friday.` },
  };
  const { status, text } = yield post("event-agent: submit a job", "/v1/jobs", job);
  if (status === 202) yield get("event-agent: look at a job", `/v1/jobs/${idOf(text)}`);
}

function* valueThing({ number, run }: VisitNumber): Visit {
  yield get("valuation-app: open the page", "/");
  const thing = {
    description: `A brass lamp, number ${number % 500} of ${run}, with a green shade`,
    category: "furniture",
  };
  yield post("valuation-app: value a thing", "/v1/valuations", thing);
}

function idOf(text: string): string {
  return (JSON.parse(text) as { id: string }).id; // a 202 of ours
}

function post(kind: string, path: string, body: object): Ask {
  return { kind, method: "POST", path, body };
}

function get(kind: string, path: string): Ask {
  return { kind, method: "GET", path };
}
