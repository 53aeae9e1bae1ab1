// All tests, as `npm test` and CI run them: static checks, unit and Worker tests, then the browser's.
// A word on the command line runs one part only: `npm test -- check`, `unit`, `e2e`.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

const parts = {
  check: () => run("pnpm", ["run", "check:all"]),
  unit: async () => {
    const reports = mkdtempSync(path.join(tmpdir(), "tenner-reports-"));
    // Lanes of vitest.config.ts: each waits more than it works.
    const lane = (name) => ({ ...process.env, TENNER_TESTS: name });
    const report = (name) => path.join(reports, `${name}.json`);
    const vitest = (name) => ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report(name)}`];
    const lanes = await Promise.all([
      run("vitest", vitest("processes"), { env: lane("processes") }).then((code) => ({
        name: "processes",
        code,
        output: "",
      })),
      ...["workerd", "others"].map(async (name) => ({
        name,
        ...(await runSilently("vitest", vitest(name), lane(name))),
      })),
    ]);
    for (const { output } of lanes) process.stderr.write(output);
    const broken = lanes.filter(({ code }) => code !== 0);
    for (const { name } of broken) reasons.push(...failuresOf(name, report(name)));
    rmSync(reports, { recursive: true, force: true });
    return broken[0]?.code ?? 0;
  },
  e2e: async () => {
    const chromium = await findChromium();
    return run("pnpm", ["exec", "playwright", "test"], {
      cwd: "e2e",
      env: { ...process.env, CHROMIUM_PATH: chromium },
    });
  },
};

const chosen = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const unknown = chosen.filter((name) => !(name in parts));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no part "${unknown.join('", "')}". The parts are: ${Object.keys(parts).join(", ")}.\n`,
  );
  process.exit(2);
}
const failed = [];
/** What failed in parts that printed a lot after it: said again at the end. */
const reasons = [];
const start = Date.now();
for (const name of chosen.length > 0 ? chosen : Object.keys(parts)) {
  const partStart = Date.now();
  process.stderr.write(`\n── ${name} ──\n`);
  const code = await parts[name]();
  process.stderr.write(
    `── ${name} ${code === 0 ? "passed" : "FAILED"} in ${((Date.now() - partStart) / 1000).toFixed(0)} s ──\n`,
  );
  if (code !== 0) failed.push(name);
}
for (const reason of reasons) process.stderr.write(`\n${reason}\n`);
process.stderr.write(
  `\n${failed.length === 0 ? "All tests passed" : `Failed: ${failed.join(", ")}`} (${((Date.now() - start) / 1000).toFixed(0)} s)\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

/** The failed tests of a lane, from vitest's report of it. */
function failuresOf(lane, file) {
  const { testResults } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { testResults: [] };
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === "failed");
    if (status === "failed" && tests.length === 0) return [`✘ ${name}\n${message}`];
    return tests.map(({ fullName, failureMessages }) => `✘ ${name}\n  ${fullName}\n${failureMessages.join("\n")}`);
  });
  if (failures.length > 0) return failures;
  return [
    `✘ The lane "${lane}" failed beside its tests: an error of its own, or a process that was killed. See above.`,
  ];
}

function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit", ...options });
    child.once("error", (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`);
      resolve(1);
    });
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs a command beside another one; what it prints is for later. */
function runSilently(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.once("error", (error) => resolve({ code: 1, output: `${command} could not be started: ${error.message}\n` }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * The browser: one that is here, else Debian's through apt, else Playwright's own download. Chromium's headless shell,
 * the browser without its window, takes a third less of the processor, so a machine of CI gets it in any case.
 */
async function findChromium() {
  const shell = "/usr/bin/chromium-headless-shell";
  const browsers = [shell, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const first = (files) => files.find((file) => file && existsSync(file));
  const here = first([process.env.CHROMIUM_PATH, ...(process.env.CI ? [shell] : browsers)]);
  if (here) return here;
  // Older releases, and other distributions, have the whole browser only.
  installFromDebian(first(browsers) ? ["chromium-headless-shell"] : ["chromium-headless-shell", "chromium"]);
  const found = first(browsers);
  if (found) return found;
  process.stderr.write("  … Installing Chromium (playwright)\n");
  if ((await run("pnpm", ["exec", "playwright", "install", "chromium"], { cwd: "e2e" })) !== 0) {
    process.stderr.write(
      "No browser could be installed. Install Chromium and name it: CHROMIUM_PATH=/path/to/chromium npm test\n",
    );
  }
  return "";
}

/** Installs the first of these browsers that apt has, where there is apt and this user may. */
function installFromDebian(browsers) {
  const root = process.getuid?.() === 0;
  const sudo = !root && spawnSync("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n"] : [];
  if (!existsSync("/usr/bin/apt-get") || (!root && sudo.length === 0)) return;
  process.stderr.write(`  … Installing ${browsers[0]} (apt-get)\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, "apt-get", ...args];
    const { status, stderr } = spawnSync(command, rest, { env, encoding: "utf8" });
    if (status !== 0) process.stderr.write(`${stderr.split("\n").slice(-5).join("\n")}\n`);
    return status === 0;
  };
  apt("update", "-qq"); // lists that could not be refreshed may still do
  browsers.some((browser) => apt("install", "-y", "-qq", "--no-install-recommends", browser, "fonts-liberation"));
}
