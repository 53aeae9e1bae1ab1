import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const VERSION = "1.15.2";
const START = "node_modules/@portkey-ai/gateway/build/start-server.js";

/** Portkey's open-source gateway on a port. Installed beside the checkout at the first use: only this bench needs it. */
export async function startPortkey(port: number): Promise<ChildProcess> {
  const folder = path.join(tmpdir(), `bench-portkey-${VERSION}`);
  if (!existsSync(path.join(folder, START))) {
    const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
    execFileSync("npm", ["install", ...options, `@portkey-ai/gateway@${VERSION}`], { stdio: "ignore" });
  }
  const child = spawn(process.execPath, [path.join(folder, START), `--port=${port}`, "--headless"], {
    stdio: "ignore",
    env: { ...process.env, NODE_ENV: "production" },
  });
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`Portkey's gateway ended with ${child.exitCode}`);
    if (await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error("Portkey's gateway did not start in 10 s");
}
