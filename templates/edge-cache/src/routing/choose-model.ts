import type { RouteCondition, Routing } from "@tenner/worker-kit/settings/routing";
import { type RequestFacts, wordsOf } from "./request-facts.ts";

/** Whom a question is asked, and why. */
export interface Choice {
  /** `auto`, or a model. */
  readonly target: string;
  /** `rule:NAME`, `complex:WHAT`, `otherwise`, `price` or `budget`. */
  readonly reason: string;
}

/** No candidate may cost so much. */
export class TooDear extends Error {
  override readonly name = "TooDear";
  /** What the cheapest costs at its worst, nano-dollars. */
  readonly costNano: number;

  constructor(costNano: number) {
    super("no model is cheap enough for this request");
    this.costNano = costNano;
  }
}

/** What routing has to know of the world. */
export interface RouteCosts {
  /** What the request costs at its worst when this target answers, nano-dollars. */
  readonly costOf: (target: string) => number;
  /** `maxUsdPerCall` in nano-dollars; null: none. */
  readonly mostNano: number | null;
  /** The part of a month's budget that is used up, 0 to 1 and more. */
  readonly budgetShare: number;
}

/**
 * Chooses who answers. Money decides first: above the share of the budget it is `small`. Then the first rule that fits
 * names candidates, and of these the cheapest is taken; when even that one may cost too much, it is `small`.
 *
 * @throws TooDear when not even `small` is cheap enough
 */
export function chooseModel(facts: RequestFacts, routing: Routing, costs: RouteCosts): Choice {
  const { small, smallAboveBudgetShare: share } = routing;
  const choice =
    share !== undefined && costs.budgetShare >= share
      ? { target: small, reason: "budget" }
      : cheapest(candidatesFor(facts, routing), costs);
  if (fits(choice.target, costs)) return choice;
  if (fits(small, costs)) return { target: small, reason: "price" };
  throw new TooDear(Math.min(costs.costOf(choice.target), costs.costOf(small)));
}

/** Whether a target may be asked for this request by its cost. */
export function fits(target: string, { costOf, mostNano }: RouteCosts): boolean {
  return mostNano === null || costOf(target) <= mostNano;
}

interface Candidates {
  readonly targets: readonly string[];
  readonly reason: string;
}

function candidatesFor(facts: RequestFacts, { rules, large, otherwise }: Routing): Candidates {
  const rule = rules.find(({ when }) => meets(facts, when));
  if (rule) return { targets: rule.to, reason: `rule:${rule.name}` };
  const standing = large && STANDING_RULES.find(({ when }) => meets(facts, when));
  if (large && standing) return { targets: large, reason: `complex:${standing.name}` };
  return { targets: otherwise, reason: "otherwise" };
}

function cheapest({ targets, reason }: Candidates, { costOf }: RouteCosts): Choice {
  const [first = "auto", ...rest] = targets;
  const target = rest.reduce((least, each) => (costOf(each) < costOf(least) ? each : least), first);
  return { target, reason };
}

/** Whether everything that a condition names is so. */
function meets(facts: RequestFacts, when: RouteCondition): boolean {
  const { messages, outputTokens } = facts;
  const flags = ["tools", "json", "jsonSchema", "code"] as const;
  return (
    (when.minCharacters === undefined || facts.characters >= when.minCharacters) &&
    (when.maxCharacters === undefined || facts.characters <= when.maxCharacters) &&
    messages >= (when.minMessages ?? 0) &&
    messages <= (when.maxMessages ?? Infinity) &&
    outputTokens >= (when.minOutputTokens ?? 0) &&
    outputTokens <= (when.maxOutputTokens ?? Infinity) &&
    flags.every((flag) => when[flag] === undefined || when[flag] === facts[flag]) &&
    (when.words === undefined || when.words.some((phrase) => isIn(phrase, facts.words)))
  );
}

function isIn(phrase: string, words: string): boolean {
  const looked = wordsOf(phrase);
  return looked.trim() !== "" && words.includes(looked);
}

/** What makes a question complex, when `large` says who is asked then. */
const STANDING_RULES: readonly { readonly name: string; readonly when: RouteCondition }[] = [
  { name: "tools", when: { tools: true } },
  { name: "json-schema", when: { jsonSchema: true } },
  { name: "code", when: { code: true } },
  { name: "long", when: { minCharacters: 4_000 } },
  { name: "conversation", when: { minMessages: 12 } },
  {
    name: "words",
    when: {
      words: [
        "step by step",
        "prove",
        "proof",
        "derive",
        "analyse",
        "analyze",
        "trade-offs",
        "tradeoffs",
        "pros and cons",
        "compare and contrast",
        "refactor",
        "debug",
        "root cause",
        "architecture",
        "algorithm",
        "optimise",
        "optimize",
        "contract",
        "diagnose",
      ],
    },
  },
];
