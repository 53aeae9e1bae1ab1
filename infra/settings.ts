import * as pulumi from "@pulumi/pulumi";
import { Settings } from "@tenner/worker-kit/settings";
import type * as z from "zod";

/** What every part of the program may know of the stack it makes. */
export interface Stack {
  /** The stack's name, e.g. `local`, `acme`, `pr-123`: what is global in an account derives from it. */
  readonly name: string;
  /** 32 hexadecimal digits. */
  readonly accountId: string;
  readonly settings: Settings;
  /** The account's name below workers.dev, when the stack's configuration tells it. */
  readonly workersSubdomain: string | undefined;
  /** Databases, buckets, namespaces and queues cannot be deleted or replaced until this is taken back. */
  readonly protectData: boolean;
}

/**
 * Reads the stack's configuration: `tenner:accountId`, `tenner:settings`, `tenner:workersSubdomain`, `tenner:protectData`.
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
  return {
    name: pulumi.getStack(),
    accountId,
    settings: parseSettings(config.get("settings")),
    workersSubdomain: config.get("workersSubdomain"),
    protectData: config.getBoolean("protectData") ?? false,
  };
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
