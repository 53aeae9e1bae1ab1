import { type AiAnswer, type AiClient, AiError } from "@tenner/worker-kit/ai";
import { callId } from "../domain/call-id.ts";
import { NO_TALLY, type Outcome, sumTallies, type Tally } from "../domain/outcome.ts";
import type { Pipeline } from "../pipelines/pipeline.ts";
import { partOf, SHARING_RULE, sharedPrompt, sharedShape } from "./shared-question.ts";
import { type AskStep, BadInput } from "./step.ts";

/** One item of a group. */
export interface Member {
  readonly position: number;
  /** As its source has it. */
  readonly payload: unknown;
  /** Invalid answers it has had. */
  readonly answers: number;
  /** Answers to finished questions, by `keptKey`. */
  readonly kept: ReadonlyMap<string, unknown>;
}

/** An answer that is never asked for again. */
export interface KeptAnswer {
  readonly position: number;
  readonly step: string;
  readonly part: number;
  readonly output: unknown;
}

/** What a group's run needs of the world. */
export interface Surroundings {
  readonly batchId: string;
  /** The batch's, as its pipeline parsed them. */
  readonly options: unknown;
  readonly ai: Pick<AiClient, "text" | "structured">;
  /** Aborted when the time of this turn is over. */
  readonly signal: AbortSignal;
  /** Most tokens of one item's answer. */
  readonly maxOutputTokens: number;
  /** Keeps answers that come before the last question. Called before anything is built on them. */
  keep(answers: readonly KeptAnswer[], tally: Tally): Promise<void>;
  /** What an answer cost, also when a repeat got it free from the cache. */
  costOf(answer: AiAnswer<unknown>): number;
  /** What so many input tokens would have cost with the model that answered. */
  costOfTokens(answer: AiAnswer<unknown>, inputTokens: number): number;
}

/** The outcomes of a group's members, and what the answers behind them took that are not counted yet. */
export interface GroupRun {
  readonly outcomes: readonly Outcome[];
  readonly tally: Tally;
  /** A model answered, whatever it said. */
  readonly answered: boolean;
}

/** How many questions of one item are asked at the same time. */
const AT_ONCE = 4;

/** The key of an answer that is kept. */
export function keptKey(step: string, part: number): string {
  return `${step}.${part}`;
}

/**
 * Takes a group of items through their pipeline, from where each of them is. Never throws for what an item, a step or a
 * model does: that is an outcome of the item. What it throws is the surroundings' failure.
 */
export async function runGroup(
  pipeline: Pipeline,
  members: readonly Member[],
  around: Surroundings,
): Promise<GroupRun> {
  const run = new Run(pipeline, around);
  return run.all(members);
}

/** An item on its way. */
interface Traveller extends Member {
  /** What the last step made of it. */
  readonly value: unknown;
}

class Run {
  readonly #pipeline: Pipeline;
  readonly #around: Surroundings;
  readonly #outcomes = new Map<number, Outcome>();
  readonly #lastQuestion: string | undefined;
  #tally = NO_TALLY;
  #answered = false;

  constructor(pipeline: Pipeline, around: Surroundings) {
    this.#pipeline = pipeline;
    this.#around = around;
    this.#lastQuestion = pipeline.steps.findLast((step) => step.kind === "ask")?.name;
  }

  async all(members: readonly Member[]): Promise<GroupRun> {
    let travellers = members.flatMap((member) => this.#begin(member));
    for (const step of this.#pipeline.steps) {
      if (step.kind === "compute") {
        travellers = travellers.flatMap((each) => {
          const made = this.#try(each, step.name, () => step.run(each.value, this.#around.options));
          return made ? [{ ...each, value: made.value }] : [];
        });
      } else {
        travellers = await this.#ask(step, travellers);
      }
    }
    for (const { position, value } of travellers) this.#end({ kind: "done", position, output: value });
    return { outcomes: [...this.#outcomes.values()], tally: this.#tally, answered: this.#answered };
  }

  #begin(member: Member): Traveller[] {
    // Checked before, but the pipeline may have changed since.
    const item = this.#pipeline.item.safeParse(member.payload);
    if (item.success) return [{ ...member, value: item.data }];
    const [issue] = item.error.issues;
    const message = `/${issue?.path.join("/") ?? ""} ${issue?.message ?? "does not fit"}`;
    this.#end({ kind: "dead", position: member.position, step: "load", reason: "invalid_item", message });
    return [];
  }

  /** The first outcome counts: what comes after it in the same run only follows from it. */
  #end(outcome: Outcome): void {
    if (!this.#outcomes.has(outcome.position)) this.#outcomes.set(outcome.position, outcome);
  }

  /** Does what is pure for one item; undefined when that ended it. */
  #try<T>({ position }: Traveller, step: string, act: () => T): { value: T } | undefined {
    try {
      return { value: act() };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof BadInput) this.#end({ kind: "dead", position, step, reason: "bad_input", message });
      else this.#end({ kind: "broken", position, step, message });
      return undefined;
    }
  }

  /** Asks for everyone whose answers are not kept yet. Returns those who go on. */
  async #ask(step: AskStep<unknown, unknown, unknown>, travellers: Traveller[]): Promise<Traveller[]> {
    const { options } = this.#around;
    const questions = travellers.flatMap((traveller) => {
      const made = this.#try(traveller, step.name, () => step.materials(traveller.value, options));
      return made ? [{ traveller, materials: made.value }] : [];
    });
    const answers = new Map<number, readonly unknown[]>();
    const open: typeof questions = [];
    for (const question of questions) {
      const { kept, position } = question.traveller;
      const keys = question.materials.map((_, part) => keptKey(step.name, part));
      if (keys.every((key) => kept.has(key)))
        answers.set(
          position,
          keys.map((key) => kept.get(key)),
        );
      else open.push(question);
    }
    if (open.length > 1 && step.share !== null) {
      const shared = await this.#askTogether(step, open);
      for (const [position, answer] of shared) answers.set(position, [answer]);
    } else {
      await allEnded(
        open.map(async ({ traveller, materials }) => {
          const own = await this.#askAlone(step, traveller, materials);
          if (own) answers.set(traveller.position, own);
        }),
      );
    }
    return questions.flatMap(({ traveller }) => {
      const own = answers.get(traveller.position);
      if (!own) return [];
      const made = this.#try(traveller, step.name, () => step.output(own, traveller.value, options));
      return made ? [{ ...traveller, value: made.value }] : [];
    });
  }

  /** One question for several items, each of whose parts is checked by itself. */
  async #askTogether(
    step: AskStep<unknown, unknown, unknown>,
    questions: readonly { traveller: Traveller; materials: readonly string[] }[],
  ): Promise<Map<number, unknown>> {
    const { ai, batchId, options, signal, maxOutputTokens } = this.#around;
    const positions = questions.map(({ traveller }) => traveller.position);
    const shape = step.shape(options);
    if (!shape) throw new TypeError(`step ${step.name}: only checked answers can be shared`);
    const instructions = step.instructions(options);
    const answer = await this.#answerOf(step, positions, () =>
      ai.structured(
        {
          system: `${instructions}\n${SHARING_RULE}`,
          prompt: sharedPrompt(questions.map(({ materials }) => materials.join("\n"))),
          maxOutputTokens: Math.min(step.maxOutputTokens, maxOutputTokens) * positions.length,
          temperature: step.temperature,
          callId: callId(batchId, step.name, { positions, answers: 0 }),
          signal,
        },
        sharedShape(shape.schema, positions.length),
      ),
    );
    if (!answer) return new Map();
    const served = new Map<number, unknown>();
    for (const [index, position] of positions.entries()) {
      const part = partOf(answer.value, index + 1, shape.answer);
      if (part.ok) served.set(position, part.value);
      else this.#end({ kind: "invalid", position, step: step.name, message: part.message });
    }
    const saved = Math.max(0, served.size - 1);
    const tokensSaved = saved * tokensOf(instructions);
    await this.#used(
      step.name === this.#lastQuestion,
      [...served].map(([position, output]) => ({ position, step: step.name, part: 0, output })),
      {
        ...this.#tallyOf(answer),
        callsSaved: saved,
        tokensSaved,
        savedNano: this.#around.costOfTokens(answer, tokensSaved),
      },
    );
    return served;
  }

  /** The questions of one item. Undefined when that ended it. */
  async #askAlone(
    step: AskStep<unknown, unknown, unknown>,
    { position, answers, kept }: Traveller,
    materials: readonly string[],
  ): Promise<readonly unknown[] | undefined> {
    const { ai, batchId, options, signal, maxOutputTokens } = this.#around;
    const shape = step.shape(options);
    const own: unknown[] = [];
    for (let start = 0; start < materials.length; start += AT_ONCE) {
      const parts = materials.slice(start, start + AT_ONCE).map(async (prompt, index) => {
        const part = start + index;
        const key = keptKey(step.name, part);
        if (kept.has(key)) return { value: kept.get(key) };
        const question = {
          system: step.instructions(options),
          prompt,
          maxOutputTokens: Math.min(step.maxOutputTokens, maxOutputTokens),
          temperature: step.temperature,
          callId: callId(batchId, step.name, { positions: [position], part, answers }),
          signal,
        };
        const answer = await this.#answerOf(step, [position], () =>
          shape ? ai.structured(question, shape.answer) : ai.text(question),
        );
        if (!answer) return undefined;
        const output = { position, step: step.name, part, output: answer.value };
        await this.#used(materials.length === 1 && step.name === this.#lastQuestion, [output], this.#tallyOf(answer));
        return { value: answer.value };
      });
      for (const each of await allEnded(parts)) {
        if (!each) return undefined;
        own.push(each.value);
      }
    }
    return own;
  }

  /** Asks, and turns what goes wrong into outcomes of all who asked. */
  async #answerOf<T>(
    step: AskStep<unknown, unknown, unknown>,
    positions: readonly number[],
    act: () => Promise<AiAnswer<T>>,
  ): Promise<AiAnswer<T> | undefined> {
    const { signal } = this.#around;
    try {
      if (signal.aborted) throw signal.reason;
      const answer = await act();
      this.#answered = true;
      return answer;
    } catch (error) {
      if (signal.aborted) {
        for (const position of positions) this.#end({ kind: "unfinished", position });
        return undefined;
      }
      if (!(error instanceof AiError)) throw error;
      if (error.code === "invalid_answer") this.#answered = true;
      for (const position of positions) {
        this.#end(
          error.code === "invalid_answer"
            ? { kind: "invalid", position, step: step.name, message: error.message }
            : { kind: "failed", position, step: step.name, error },
        );
      }
      return undefined;
    }
  }

  /** Counts an answer that is used, and keeps it unless it is the last one needed: that is written with the item's end. */
  async #used(isLast: boolean, answers: readonly KeptAnswer[], tally: Tally): Promise<void> {
    if (isLast || answers.length === 0) this.#tally = sumTallies([this.#tally, tally]);
    else await this.#around.keep(answers, tally);
  }

  #tallyOf(answer: AiAnswer<unknown>): Tally {
    return {
      ...NO_TALLY,
      calls: 1,
      inputTokens: answer.usage.inputTokens,
      outputTokens: answer.usage.outputTokens,
      costNano: this.#around.costOf(answer),
    };
  }
}

/** Like Promise.all, but nothing is still under way when it rejects. */
async function allEnded<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** About: four characters a token. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}
