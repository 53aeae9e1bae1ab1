import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { allCommands, findCommand, refuseUnknownOptions } from "./command-tree.ts";
import { wordsOf } from "./guides/shell-words.ts";
import { descriptionOf, readDescription, renderHelp } from "./help.ts";

const commands = await allCommands();
const leaves = commands.filter(({ below }) => below.length === 0);

describe.each(leaves.map(({ words, command }) => [words.join(" "), command] as const))(
  "help of %s",
  (path, command) => {
    it("has an example that the command takes", async () => {
      const { examples } = await descriptionOf(command);
      expect(examples).not.toEqual([]);
      for (const example of examples) {
        expect(example).toContain(`tenner ${path}`);
        const words = wordsOf(example.slice(example.indexOf("tenner ") + 7).replace(/ [<>|].*|\)"$/, ""));
        if (path === "pulumi") continue;
        const [found] = await findCommand(words);
        expect(found.meta).toEqual(command.meta);
        refuseUnknownOptions(found, words);
      }
    });
  },
);

it("shows examples apart from what the command does", async () => {
  expect(readDescription("Says hello. Example: tenner hello. Example: tenner hello --loud")).toEqual({
    does: "Says hello",
    examples: ["tenner hello", "tenner hello --loud"],
  });
  const [state, parent] = await findCommand(["state", "export"]);
  expect(stripVTControlCharacters(await renderHelp(state, parent))).toMatch(
    /EXAMPLE\s+tenner state export --file state\.json/,
  );
});

it("tells the exit codes, and no example in the list of commands", async () => {
  const help = stripVTControlCharacters(await renderHelp(...(await findCommand([]))));
  expect(help).toMatch(/130 +ended by Ctrl-C/);
  expect(help).not.toContain("Example:");
});

it("names a misspelt option and command", async () => {
  const [up] = await findCommand(["up"]);
  expect(() => refuseUnknownOptions(up, ["up", "--yess"])).toThrow("There is no option --yess");
  await expect(findCommand(["upp"])).rejects.toThrow('There is no command "upp"');
});
