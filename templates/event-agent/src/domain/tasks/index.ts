import type { AiAnswer } from "@tenner/worker-kit/ai";
import type { JobRequest } from "../job-request.ts";
import { classify } from "./classify.ts";
import { extract } from "./extract.ts";
import { reply } from "./reply.ts";
import { summarize } from "./summarize.ts";
import type { TaskContext } from "./task.ts";

/** Asks the models what a job asks. @throws AiError, or the signal's reason */
export function runTask(request: JobRequest, context: TaskContext): Promise<AiAnswer<object>> {
  switch (request.task) {
    case "summarize":
      return summarize.run(request.input, context);
    case "extract":
      return extract.run(request.input, context);
    case "classify":
      return classify.run(request.input, context);
    case "reply":
      return reply.run(request.input, context);
  }
}
