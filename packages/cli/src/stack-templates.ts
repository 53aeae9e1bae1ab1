import { config } from "@tenner/engine";
import { Settings } from "@tenner/worker-kit/settings";
import { LOCAL_STACK } from "./local-stack.ts";
import { type Project, templateNames } from "./project.ts";
import { refuseUnknownStack } from "./stack-names.ts";

/**
 * The templates that a stack deploys, by its settings. All of the checkout, when the settings cannot be understood: what
 * is wrong with them is the program's to say.
 *
 * @throws UserError when there is no such stack
 */
export async function stackTemplates(project: Project, stack: string): Promise<string[]> {
  if (stack !== LOCAL_STACK) refuseUnknownStack(project, stack);
  const all = templateNames(project);
  const stored = await config.get({ projectDirectory: project.infra, stack }, "tenner:settings");
  const settings = Settings.safeParse(parseJson(stored?.value ?? "{}"));
  if (!settings.success) return all;
  const chosen: readonly string[] = settings.data.templates;
  return all.filter((name) => chosen.includes(name));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
