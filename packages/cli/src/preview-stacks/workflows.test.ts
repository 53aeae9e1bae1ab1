import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { COMMENT_MARK } from "../preview-comment.ts";

const folder = path.resolve(import.meta.dirname, "../../../../.github/workflows");
const read = (name: string) => readFileSync(path.join(folder, name), "utf8");
const text = read("preview.yml");

/** The jobs of a workflow as text, by name. */
function jobsOf(workflow: string): Map<string, string> {
  const [, jobs = ""] = workflow.split(/^jobs:\n/m);
  const names = [...jobs.matchAll(/^ {2}([a-z-]+):\n/gm)];
  return new Map(
    names.map((match, index) => [match[1] ?? "", jobs.slice(match.index, names[index + 1]?.index ?? jobs.length)]),
  );
}

/** What is handed to a shell. */
function scriptsOf(workflow: string): string[] {
  return [...workflow.matchAll(/^( +)(?:- )?run: (?:\|\n((?:\1 {2,}.*\n|\n)+)|(.+)\n)/gm)].map(
    ([, , block, line]) => block ?? line ?? "",
  );
}

describe.each(["preview.yml", "preview-comment.yml"])("%s", (name) => {
  it("pins every action by its commit", () => {
    const uses = [...read(name).matchAll(/uses: (.*)/g)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(2);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("gives no permission but what a job names, and keeps no token where code of a pull request runs", () => {
    expect(read(name)).toMatch(/^permissions: \{\}$/m);
    expect(read(name)).not.toContain("pull_request_target");
    for (const job of jobsOf(read(name)).values())
      expect(job).toMatch(/^ {4}permissions:\n( {6}[a-z-]+: (read|write)\n)+/m);
    const checkouts = [...read(name).matchAll(/uses: actions\/checkout.*\n\s+with: (.*)/g)];
    expect(checkouts.length).toBeGreaterThan(0);
    for (const [, options] of checkouts) expect(options).toContain("persist-credentials: false");
  });

  it("puts nothing that a pull request can choose into a shell's text", () => {
    const scripts = scriptsOf(read(name));
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).not.toContain("${{");
  });

  it("runs once for each pull request", () => {
    expect(read(name)).toMatch(/^concurrency:\n {2}group: .+\n {2}cancel-in-progress: true$/m);
  });
});

it("hands secrets only to code of the repository itself", () => {
  const jobs = [...jobsOf(text)].filter(([, job]) => job.includes("secrets."));
  expect(jobs.map(([name]) => name)).toEqual(["account", "down", "reap"]);
  for (const [, job] of jobs) {
    expect(job).toMatch(/head\.repo\.full_name == github\.repository|if: github\.event_name != 'pull_request' && vars/);
    expect(job).toContain("vars.TENNER_PREVIEW_ACCOUNT != ''");
  }
});

it("never writes where a pull request's code runs", () => {
  for (const [name, job] of jobsOf(text)) expect([name, / write$/m.test(job)]).toEqual([name, false]);
});

it("takes previews away with the default branch's code, when a pull request closes and by the clock", () => {
  const jobs = jobsOf(text);
  for (const name of ["down", "reap"]) {
    expect(jobs.get(name)).toMatch(/ref: "\$\{\{ github\.event\.repository\.default_branch \}\}"/);
  }
  expect(text).toMatch(/types: \[.*closed\]/);
  expect(text).toMatch(/schedule:\n {4}- cron:/);
});

it("finds its own comment again", () => {
  expect(read("preview-comment.yml")).toContain(`startswith("${COMMENT_MARK}")`);
});
