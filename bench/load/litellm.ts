import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const VERSION = "1.106.2";

/** What it wants as the API key. */
export const LITELLM_KEY = "sk-bench-only";

/**
 * LiteLLM's proxy on a port, with its cache in memory. It is measured where it was asked for with `BENCH_LITELLM=1`,
 * which installs it beside the checkout, or once it is there; undefined elsewhere.
 */
export async function startLiteLlm(port: number, upstreamUrl: string): Promise<ChildProcess | undefined> {
  const folder = path.join(tmpdir(), `bench-litellm-${VERSION}`);
  const program = path.join(folder, "bin/litellm");
  if (!existsSync(program)) {
    if (process.env["BENCH_LITELLM"] !== "1") return undefined;
    execFileSync("python3", ["-m", "venv", folder], { stdio: "ignore" });
    execFileSync(path.join(folder, "bin/pip"), ["install", "-q", `litellm[proxy]==${VERSION}`], { stdio: "ignore" });
  }
  const config = path.join(folder, "config.json");
  const model = { model: "openai/bench", api_base: upstreamUrl, api_key: "none" };
  mkdirSync(folder, { recursive: true });
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      model_list: [{ model_name: "bench", litellm_params: model }],
      general_settings: { master_key: LITELLM_KEY },
      litellm_settings: { cache: true, cache_params: { type: "local" }, num_retries: 0, request_timeout: 120 },
    }),
  );
  const child = spawn(program, ["--config", config, "--host", "127.0.0.1", "--port", String(port)], {
    stdio: "ignore",
    env: { ...process.env, LITELLM_LOG: "ERROR", LITELLM_TELEMETRY: "False", PYTHONUNBUFFERED: "1" },
  });
  for (let attempt = 0; attempt < 1200; attempt++) {
    if (child.exitCode !== null) throw new Error(`LiteLLM's proxy ended with ${child.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/health/liveliness`).catch(() => undefined);
    if (answer?.ok) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error("LiteLLM's proxy did not start in a minute");
}
