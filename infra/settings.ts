import * as pulumi from "@pulumi/pulumi";
import { Settings } from "@tenner/worker-kit/settings";
import type * as z from "zod";

/** What every part of the program may know of the stack it makes. */
export interface Stack {
  /** The stack's name, e.g. `local`, `acme`, `pr-123`: what is global in an account derives from it. */
  readonly name: string;
  /** On this machine's cloud, for a pull request, or what people and customers use. */
  readonly kind: "local" | "preview" | "production";
  /** 32 hexadecimal digits. */
  readonly accountId: string;
  readonly settings: Settings;
  /** The account's name below workers.dev, when the stack's configuration tells it. */
  readonly workersSubdomain: string | undefined;
  /**
   * Databases, buckets, namespaces and queues cannot be deleted or replaced until this is taken back.
   * @default true in production
   */
  readonly protectData: boolean;
}

/**
 * Reads the stack's configuration: `tenner:accountId`, `tenner:settings`, `tenner:workersSubdomain`, `tenner:protectData`,
 * and `tenner:preview` of a preview stack. `TENNER_ALLOW_DATA_LOSS=yes` takes the protection of data back for one run.
 * @throws pulumi.RunError which stops the preview, with the path of every wrong setting and the reason
 */
export function readStack(): Stack {
  const config = new pulumi.Config("tenner");
  const accountId = config.get("accountId");
  if (!accountId || !/^[0-9a-f]{32}$/.test(accountId)) {
    throw new pulumi.RunError(
      `tenner:accountId: ${accountId ? "is not 32 hexadecimal digits" : "is missing"}. ` +
        "Set it with `npm run pulumi -- config set tenner:accountId <id>`, or run `npm start` for a local stack.",
    );
  }
  const kind = kindOf(config);
  return {
    name: pulumi.getStack(),
    kind,
    accountId,
    settings: parseSettings(config.get("settings")),
    workersSubdomain: config.get("workersSubdomain"),
    protectData:
      process.env["TENNER_ALLOW_DATA_LOSS"] !== "yes" && (config.getBoolean("protectData") ?? kind === "production"),
  };
}

function kindOf(config: pulumi.Config): Stack["kind"] {
  if (config.get("preview") !== undefined) return "preview";
  const address = new pulumi.Config("cloudflare").get("baseUrl") ?? process.env["CLOUDFLARE_BASE_URL"] ?? "";
  return /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(address) ? "local" : "production";
}

/**
 * Parses the text of `tenner:settings`, which Pulumi hands over as JSON; nothing means the defaults.
 * @throws pulumi.RunError with the path and the reason of every mistake
 */
export function parseSettings(text: string | undefined): Settings {
  const parsed = Settings.safeParse(parseJson(text ?? "{}"));
  if (parsed.success) return parsed.data;
  throw new pulumi.RunError(
    ["Wrong settings; nothing was changed:", ...parsed.error.issues.map(describeIssue)].join("\n"),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new pulumi.RunError(`tenner:settings: is not an object (${reason})`);
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return `  tenner:settings${path}: ${issue.message}`;
}
