import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServiceError } from "@grpc/grpc-js";
import type { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { Values } from "../values.ts";
import { withoutReportedErrors } from "./reported-errors.ts";

/** Loaded with the process: what does without a dynamic resource does without gRPC. */
type Protocol = typeof import("../pulumi-protocol.ts");

/** A dynamic provider that can be called. */
export interface DynamicProvider {
  readonly client: ResourceProviderClient;
  readonly protocol: Protocol;
}

/** Where and for whom the dynamic provider runs. */
export interface DynamicProcessOptions {
  readonly projectDirectory: string;
  readonly project: string;
  readonly stack: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Where Node keeps compiled modules. */
  readonly cacheDirectory: string;
  /** The stack's whole configuration, revealed. */
  readonly configuration: Values;
  /** A line the provider printed. */
  readonly onOutput: (line: string) => void;
}

const exitWithParent = fileURLToPath(new URL("../exit-with-parent.cts", import.meta.url));
const deferredModules = fileURLToPath(new URL("../deferred-modules.cts", import.meta.url));

/** What each of Pulumi's processes starts with: it ends when this one is gone, also after a kill, and starts in half the time. */
export const childPreloads: readonly string[] = ["--require", exitWithParent, "--require", deferredModules];

/** Pulumi's own process for dynamic providers, started at the first call that needs it. */
export class DynamicProcess {
  readonly #options: DynamicProcessOptions;
  #started: Promise<DynamicProvider & { child: ChildProcess }> | undefined;

  constructor(options: DynamicProcessOptions) {
    this.#options = options;
  }

  open(): Promise<DynamicProvider> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async close(): Promise<void> {
    const started = await this.#started?.catch(() => undefined);
    started?.client.close();
    if (started && started.child.exitCode === null) {
      started.child.kill("SIGKILL");
    }
  }

  async #start(): Promise<DynamicProvider & { child: ChildProcess }> {
    const { projectDirectory, project, stack, environment, cacheDirectory, onOutput } = this.#options;
    const require = createRequire(join(projectDirectory, "Pulumi.yaml"));
    const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    const child = spawn(process.execPath, [...childPreloads, script, "127.0.0.1:0"], {
      cwd: projectDirectory,
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        NODE_COMPILE_CACHE: cacheDirectory,
        ...environment,
        PULUMI_NODEJS_PROJECT: project,
        PULUMI_NODEJS_STACK: stack,
        TENNER_EXIT_WITH_PARENT: "hold",
      },
    });
    child.stdin.on("error", () => {});
    eachLine(child.stderr, withoutReportedErrors(onOutput));
    const [port, protocol] = await Promise.all([firstLine(child, onOutput), import("../pulumi-protocol.ts")]);
    const { grpc, providerGrpc, providerMessages, toStruct, unlimitedMessages } = protocol;
    const client = new providerGrpc.ResourceProviderClient(
      `127.0.0.1:${port}`,
      grpc.credentials.createInsecure(),
      unlimitedMessages,
    );
    const request = new providerMessages.ConfigureRequest();
    request.setArgs(toStruct(this.#options.configuration));
    await new Promise<void>((resolve, reject) => {
      client.configure(request, (error: ServiceError | null) => (error ? reject(error) : resolve()));
    });
    return { child, client, protocol };
  }
}

function firstLine(child: ChildProcess, onOutput: (line: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let waiting = true;
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the dynamic provider ended with code ${code} before it was ready`)));
    eachLine(child.stdout, (line) => {
      if (waiting) resolve(line.trim());
      else onOutput(line);
      waiting = false;
    });
  });
}

/** Calls back for every line of a stream, also the last one without an end. */
export function eachLine(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.replace(/\r$/, ""));
  });
  stream?.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}
