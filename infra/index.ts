import { readStack } from "./settings.ts";
import { eventAgent } from "./templates/event-agent.ts";
import { deployTemplates } from "./templates/template.ts";

const stack = readStack();

/** Of each deployed template: the script's name, its address where it is known, the first API key (secret). */
export const templates = deployTemplates(stack, {
  "event-agent": eventAgent,
});
