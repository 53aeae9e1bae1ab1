import { readdirSync } from "node:fs";
import type { Project } from "./project.ts";
import { UserError } from "./user-error.ts";

/** Names of all stacks that have settings, customers or not. The example beside them is none. */
export function stackNames(project: Project): string[] {
  return readdirSync(project.infra)
    .flatMap((file) => /^Pulumi\.([^.].*)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((name) => !name.endsWith(".example"))
    .sort();
}

/** @throws UserError naming the stacks there are, when a stack has no settings: its name is misspelt, or it is still to be made */
export function refuseUnknownStack(project: Project, stack: string): void {
  const names = stackNames(project);
  if (names.includes(stack)) return;
  throw new UserError(
    `There is no stack ${JSON.stringify(stack)}: no Pulumi.${stack}.yaml in ${project.infra}. ` +
      `${names.length === 0 ? "There is none yet." : `There is: ${names.join(", ")}.`}\n` +
      "A new local one: npm start -- --stack NAME, or tenner customer add NAME. Of a real account: docs/guides/real-account.md",
  );
}
