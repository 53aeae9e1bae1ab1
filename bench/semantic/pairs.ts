import { EVERYDAY } from "./everyday-pairs.ts";
import { HARD_NEGATIVES, NEAR, QUESTIONS } from "./generated-pairs.ts";
import { NATURAL } from "./natural-pairs.ts";
import { PRACTICE } from "./practice-pairs.ts";
import { DEED_PROBES, PLACE_PROBES, PROBES } from "./probe-pairs.ts";

/** One message, as the decision takes it. */
interface Message {
  readonly role: string;
  readonly content: string;
}

/** Two conversations and whether they ask for the same. */
export interface Pair {
  readonly class: "same" | "different";
  readonly group:
    | "near repeat"
    | "natural rephrasing"
    | "generated negative"
    | "natural negative"
    | "everyday rephrasing"
    | "everyday negative"
    | "practice rephrasing"
    | "practice negative"
    | "probe"
    | "conversation";
  readonly kind: string;
  /** `tune` was looked at while the rules were written, `report` only to write the report. */
  readonly side: "tune" | "report";
  readonly asked: readonly Message[];
  readonly candidate: readonly Message[];
}

/** All pairs, always the same ones. Everything made from one template or one question is on one side. */
export function makePairs(): Pair[] {
  return [
    ...negatives(),
    ...nearRepeats(),
    ...naturals(),
    ...everyday(),
    ...practice(),
    ...probes(),
    ...conversations(),
  ];
}

function negatives(): Pair[] {
  return HARD_NEGATIVES.flatMap(({ kind, frames, swaps }) =>
    frames.flatMap((frame) =>
      swaps.map(([one, other]) =>
        pair("different", "generated negative", kind, frame, fill(frame, one), fill(frame, other)),
      ),
    ),
  );
}

function nearRepeats(): Pair[] {
  const everyday = EVERYDAY.trim()
    .split("\n")
    .map((line) => line.split(" = ")[0] ?? "");
  return [...QUESTIONS, ...everyday].flatMap((question) =>
    NEAR.map(([kind, change]) => ({ kind, changed: change(question) }))
      .filter(({ changed }) => changed !== question)
      .map(({ kind, changed }) => pair("same", "near repeat", kind, question, question, changed)),
  );
}

function naturals(): Pair[] {
  return byHand(NATURAL, "natural");
}

function everyday(): Pair[] {
  return byHand(EVERYDAY, "everyday");
}

/** Never part of the report. */
function practice(): Pair[] {
  return byHand(PRACTICE, "practice").map((pair) => ({ ...pair, side: "tune" }));
}

function byHand(lines: string, name: "natural" | "everyday" | "practice"): Pair[] {
  return lines
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [same = "", ...different] = line.split(" # ");
      const ways = same.split(" = ");
      const question = ways[0] ?? "";
      const rephrased = ways.slice(1).map((way) => pair("same", `${name} rephrasing`, name, question, question, way));
      const apart = ways.flatMap((way) =>
        different.map((other) => pair("different", `${name} negative`, name, question, way, other)),
      );
      return [...rephrased, ...apart];
    });
}

/** The rules were mended after these, so they are no part of the report. */
function probes(): Pair[] {
  return `${PROBES.trim()}\n${DEED_PROBES.trim()}\n${PLACE_PROBES.trim()}`.split("\n").map((line) => {
    const [one = "", other = ""] = line.split("|");
    return { ...pair("different", "probe", "probe", line, one, other), side: "tune" };
  });
}

const LAST = [
  "How big is it?",
  "And why is that?",
  "Can you say more about the second one?",
  "Write it again, but shorter.",
  "What does it cost?",
  "Is it safe for children?",
  "Translate that into Spanish.",
  "How do I install it?",
];
const ABOUT = [
  ["Tell me about Rome.", "Tell me about Paris."],
  ["I have an iPhone 14.", "I have an iPhone 15."],
  ["Do not suggest anything with nuts.", "Suggest something with nuts."],
  ["My budget is 100 euros.", "My budget is 1,000 euros."],
  ["I use Python 2.7 on Windows.", "I use Python 3.12 on Windows."],
  ["We talk about the first chapter.", "We talk about the last chapter."],
  ["I am allergic to milk.", "I am not allergic to milk."],
  ["Who was Cicero?", "Who was Caesar?"],
  ["Compare Kafka with RabbitMQ.", "Compare RabbitMQ with Kafka."],
  ["I want to buy shares.", "I want to sell shares."],
  ["Recommend me a dog breed.", "Recommend me a cat breed."],
  ["Translate from German.", "Translate from French."],
  ["The patient is a child of 4 years.", "The patient is a man of 40 years."],
  ["My landlord wants to raise the rent.", "My tenant wants to lower the rent."],
  ["I live in Georgia, the country.", "I live in Georgia, the state."],
  ["Answer in one sentence.", "Answer in ten sentences."],
  ["Explain things as to a child.", "Explain things as to an expert."],
  ["The text is: The war ended in 1918.", "The text is: The war ended in 1945."],
  ["We fly from Oslo to Rome.", "We fly from Rome to Oslo."],
  ["I take the pills before breakfast.", "I take the pills after breakfast."],
  ["My car is a petrol car.", "My car is an electric car."],
  ["The file has 3 columns.", "The file has 30 columns."],
  ["I am the buyer.", "I am the seller."],
  ["The server runs Ubuntu 22.04.", "The server runs Ubuntu 24.04."],
  ["All of my plants are dying.", "None of my plants are dying."],
  ["She was my boss.", "She is my boss."],
];

function conversations(): Pair[] {
  return ABOUT.flatMap(([one = "", other = ""]) =>
    LAST.flatMap((last): Pair[] => {
      const side = sideOf(`${last} ${one}`);
      const whole = (context: string, question: string): Message[] => [
        { role: "system", content: "You are a helpful assistant." },
        { role: "user", content: context },
        { role: "assistant", content: "Understood." },
        { role: "user", content: question },
      ];
      const polite = `Please: ${last.toLowerCase()}`;
      return [
        {
          class: "different",
          group: "conversation",
          kind: "other context",
          side,
          asked: whole(one, last),
          candidate: whole(other, last),
        },
        {
          class: "same",
          group: "conversation",
          kind: "same context",
          side,
          asked: whole(one, last),
          candidate: whole(one, polite),
        },
      ];
    }),
  );
}

function pair(
  kindOf: Pair["class"],
  group: Pair["group"],
  kind: string,
  origin: string,
  one: string,
  other: string,
): Pair {
  const message = (content: string) => [{ role: "user", content }];
  return { class: kindOf, group, kind, side: sideOf(origin), asked: message(one), candidate: message(other) };
}

function fill(frame: string, filling: string): string {
  const text = frame.replace("X", filling);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Half of all origins, by their FNV-1a hash. */
function sideOf(origin: string): Pair["side"] {
  let hash = 0x811c9dc5;
  for (const sign of origin) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 0x01000193);
  return ((hash >>> 7) & 1) === 0 ? "tune" : "report";
}
