import { existsSync } from "node:fs";
import { readdir, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { DEFAULT_PORT } from "../local-stack.ts";
import type { Project } from "../project.ts";
import { findRunning } from "../running.ts";
import type { Finding } from "./finding.ts";

/** Node from which TypeScript runs as it is and SQLite is built in. */
const NODE_MAJOR = 24;
/** Bytes that the toolchain, the packages and a stack's data want. */
const DISK = 1_000_000_000;
/** Where browsers are that the tests can use. */
const BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"].map(
  (name) => `/usr/bin/${name}`,
);

/** Looks at what the local cloud and the tests need of this machine. */
export async function checkMachine(project: Project): Promise<Finding[]> {
  return [checkNode(), await checkPort(project), await checkDisk(project), await checkSecrets(project), checkBrowser()];
}

function checkNode(): Finding {
  const what = "Node";
  const said = `${process.version}, ${process.platform} ${process.arch}`;
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) return { what, state: "right", said };
  return {
    what,
    state: "wrong",
    said,
    remedy: `it has to be ${NODE_MAJOR} or newer; ./tenner and the npm scripts bring their own`,
  };
}

async function checkPort(project: Project): Promise<Finding> {
  const what = `port ${DEFAULT_PORT}`;
  const running = await findRunning(project);
  if (running) {
    const answers = await fetch(`${running.cloud.url}/_local/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    const said = `the local cloud runs on ${running.cloud.url} (process ${running.pid})`;
    if (answers) return { what, state: "right", said };
    return { what, state: "wrong", said: `${said}, and does not answer`, remedy: `end it: kill ${running.pid}` };
  }
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer()
      .once("error", () => resolve(false))
      .listen(DEFAULT_PORT, "127.0.0.1", () => server.close(() => resolve(true)));
  });
  if (free) return { what, state: "right", said: "free" };
  return { what, state: "unknown", said: "taken by another program", remedy: "npm start -- --port 8788" };
}

async function checkDisk({ root }: Project): Promise<Finding> {
  const what = "disk";
  const { bavail, bsize } = await statfs(root);
  const free = bavail * bsize;
  const said = `${(free / 1e9).toFixed(1)} GB free`;
  if (free >= DISK) return { what, state: "right", said };
  return {
    what,
    state: "wrong",
    said,
    remedy: `a stack wants ${DISK / 1e9} GB; \`tenner reset\` empties the local one`,
  };
}

/** The passphrase belongs to its owner only, and goes with the states it has encrypted. */
async function checkSecrets({ passphraseFile, state }: Project): Promise<Finding> {
  const what = "passphrase of local stacks";
  const stacks = path.join(state, ".pulumi", "stacks");
  const states = existsSync(stacks) ? await readdir(stacks, { recursive: true }) : [];
  if (!existsSync(passphraseFile)) {
    if (states.length === 0) return { what, state: "right", said: "none yet: the first start makes it" };
    return {
      what,
      state: "wrong",
      said: `${passphraseFile} is missing, and ${state} is encrypted with it`,
      remedy: "put the file back, or remove the whole folder to begin anew (all local data is lost)",
    };
  }
  const { mode } = await stat(passphraseFile);
  if ((mode & 0o077) === 0) return { what, state: "right", said: "there, readable by you only" };
  return { what, state: "wrong", said: "others on this machine may read it", remedy: `chmod 600 ${passphraseFile}` };
}

function checkBrowser(): Finding {
  const found = [process.env["CHROMIUM_PATH"], ...BROWSERS].find((file) => file && existsSync(file));
  if (found) return { what: "browser for tests", state: "right", said: found };
  return {
    what: "browser for tests",
    state: "unknown",
    said: "no Chromium in the usual places",
    remedy: "npm test installs it, or: apt-get install chromium-headless-shell, or name one: CHROMIUM_PATH=…",
  };
}
