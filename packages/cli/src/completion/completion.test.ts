import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { completionFor } from "./completion-for.ts";

/** A shell that is not on this machine is not asked. */
const has = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;

function run(shell: string, script: string): string[] {
  const { stdout, stderr } = spawnSync(shell, ["-c", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.split("\n").filter(Boolean);
}

describe("bash completes", async () => {
  const script = await completionFor("bash");
  const after = (...words: string[]) =>
    run(
      "bash",
      `${script}\nCOMP_WORDS=(tenner ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _tenner; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
  it.each([
    [["do"], ["doctor"]],
    [["state", "ex"], ["export"]],
    [["state", "export", "--f"], ["--file"]],
    [["bill", "--month", "2026-11", "--j"], ["--json"]],
    [["start", "--no-w"], ["--no-watch"]],
    [["completion", "no-such"], []],
    [["completion", "z"], ["zsh"]],
    [["rollout", "event-agent", "s"], ["status"]],
    [["rollout", "--stack", "acme", "event-agent", "r"], ["rollback"]],
    [["rollout", "event-agent", "--stack", "=", "acme", "ro"], ["rollback"]],
    [["rollout", "s"], []],
    [["rollout", "--stack", "s"], []],
    [["rollout", "event-agent", "status", "s"], []],
  ])("%j with %j", (words, expected) => expect(after(...words)).toEqual(expected));
});

describe.skipIf(!has("fish"))("fish completes", async () => {
  const script = await completionFor("fish");
  it.each([
    ["tenner state ex", "export"],
    ["tenner do", "doctor"],
    ["tenner state export --fi", "--file"],
    ["tenner rollout --stack acme event-agent sta", "status"],
  ])("%s with %s", (line, expected) => {
    const offered = run("fish", `${script}\ncomplete -C ${JSON.stringify(line)}`);
    expect(offered.map((each) => each.split("\t")[0])).toEqual([expected]);
  });
});

describe.skipIf(!has("zsh"))("zsh completes", async () => {
  const script = await completionFor("zsh");
  it.each([
    ["state ex", "export"],
    ["", "doctor"],
    ["state export --fi", "--file"],
    ["rollout --stack acme event-agent sta", "status"],
  ])("%j with %s", (line, expected) => {
    const words = ["tenner", ...line.split(" ")].map((word) => `'${word}'`);
    const stubs = `compdef() { :; }; _files() { :; }; _describe() { printf '%s\\n' "\${(@P)2}"; }`;
    const offered = run("zsh", `${stubs}\n${script}\nwords=(${words.join(" ")}); CURRENT=${words.length}; _tenner`);
    expect(offered.map((each) => each.split(":")[0])).toContain(expected);
  });
});
