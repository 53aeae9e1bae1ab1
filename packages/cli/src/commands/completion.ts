import { defineCommand } from "citty";
import { completionFor, SHELLS } from "../completion/completion-for.ts";
import { UserError } from "../user-error.ts";

export const command = defineCommand({
  meta: {
    name: "completion",
    description:
      "Print what makes a shell complete commands and options. " +
      'Example: eval "$(tenner completion bash)". ' +
      "Example: tenner completion zsh > ~/.zfunc/_tenner. " +
      "Example: tenner completion fish > ~/.config/fish/completions/tenner.fish",
  },
  args: { shell: { type: "positional", required: true, description: SHELLS.join(", ") } },
  async run({ args }) {
    const shell = SHELLS.find((each) => each === args.shell);
    if (!shell) throw new UserError(`There is no completion for ${args.shell}. There is: ${SHELLS.join(", ")}.`);
    process.stdout.write(await completionFor(shell));
  },
});
