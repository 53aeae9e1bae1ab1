import { defineCommand } from "citty";
import { completionFor, SHELLS } from "../completion/completion-for.ts";
import { wordArgument, wordOf } from "../word-argument.ts";

const shell = wordArgument(SHELLS, { required: true, description: SHELLS.join(", ") });

export const command = defineCommand({
  meta: {
    name: "completion",
    description:
      "Print what makes a shell complete commands and options. " +
      'Example: eval "$(tenner completion bash)". ' +
      "Example: tenner completion zsh > ~/.zfunc/_tenner. " +
      "Example: tenner completion fish > ~/.config/fish/completions/tenner.fish",
  },
  args: { shell },
  async run({ args }) {
    process.stdout.write(await completionFor(wordOf(shell, args.shell, "completion for")));
  },
});
