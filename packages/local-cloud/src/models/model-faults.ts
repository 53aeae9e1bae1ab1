import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import type { Fault, Faults } from "../core/faults.ts";
import { AiError, modelFailed, modelTimeout } from "./ai-error.ts";
import { type RawAnswer, responseOf } from "./raw-answer.ts";
import type { TextModel } from "./text-model.ts";

/** Makes a call go wrong where a fault is set for its model. */
export interface ModelFaults {
  /**
   * Runs a call under the fault that is set for it, if any.
   *
   * @param run makes the answer with the text model that it is given.
   * @throws {AiError} of `fail`, `unreachable` and `hang`.
   */
  around(
    service: Fault["service"],
    model: string,
    signal: AbortSignal,
    run: (text: TextModel) => Promise<RawAnswer>,
  ): Promise<RawAnswer>;
}

/** @param timeout how long a model may take, in ms: the length of a `hang` that names none */
export function modelFaults(faults: Faults, text: TextModel, timeout: number): ModelFaults {
  return {
    async around(service, model, signal, run) {
      const fault = faults.take(service, model);
      await suffer(fault, model, timeout, signal);
      const answer = await run(fault?.kind === "garbage" ? garbled(text) : text);
      return fault?.kind === "cut" ? cutInHalf(answer, model) : answer;
    },
  };
}

async function suffer(fault: Fault | undefined, model: string, timeout: number, signal: AbortSignal): Promise<void> {
  switch (fault?.kind) {
    case "fail":
      if (fault.status === undefined && fault.code === undefined) throw modelFailed(`fault set for ${model}`);
      throw new AiError(fault.status ?? 500, fault.code ?? 3043, `fault set for ${model}`);
    case "unreachable":
      throw modelFailed(`fault set for ${model}: the model cannot be reached`);
    case "hang":
      await sleep(fault.ms ?? timeout, undefined, { signal });
      throw modelTimeout(model);
    case "slow":
      await sleep(fault.ms ?? 1000, undefined, { signal });
  }
}

/** Neither JSON nor an answer. */
const GARBAGE = '}{ "\u0000\uFFFD lorem <|eot|> ][';

/** The same model, whose every piece of text is garbage. */
function garbled(text: TextModel): TextModel {
  return {
    async complete(request, signal) {
      const { usage } = await text.complete(request, signal);
      return { text: GARBAGE, finishReason: "stop", usage };
    },
    async *stream(request, signal) {
      for await (const part of text.stream(request, signal))
        yield part.type === "end" ? { ...part, finishReason: "stop" } : { type: "text", text: GARBAGE };
    },
  };
}

/** Time for the first half to leave this machine before the connection breaks, in ms. */
const LEAVE = 30;

/** What breaks a connection on purpose. The server that carries it prints it: as one line, for nothing went wrong. */
class CutOnPurpose extends AiError {
  readonly #line: string;

  constructor(model: string) {
    const { status, code, message } = modelFailed("fault set: the connection broke");
    super(status, code, message);
    this.#line = `fault set: the answer of ${model} was cut in half`;
  }

  [inspect.custom](): string {
    return this.#line;
  }
}

/** The first half of an answer's bytes; then its connection breaks. */
async function cutInHalf(answer: RawAnswer, model: string): Promise<RawAnswer> {
  const bytes = new Uint8Array(await responseOf(answer).arrayBuffer());
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!sent) {
        sent = true;
        controller.enqueue(bytes.subarray(0, Math.max(1, bytes.length >> 1)));
        return;
      }
      await sleep(LEAVE);
      controller.error(new CutOnPurpose(model));
    },
  });
  return { ...answer, body };
}
