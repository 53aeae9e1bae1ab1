import type { StackOptions } from "@tenner/engine";

/** What the program and its providers read the permission from, whoever runs them: the Pulumi CLI too. */
const PERMISSION = "TENNER_ALLOW_DATA_LOSS";

/** Of commands that can delete or replace what holds data. */
export const dataLossArgument = {
  "allow-data-loss": {
    type: "boolean",
    description: "Rows, objects, keys, messages and stored objects of what is deleted or replaced may be lost",
  },
} as const;

/**
 * Keeps data, unless it was said that it may be lost: by the option, or by `TENNER_ALLOW_DATA_LOSS=yes`.
 *
 * @param how to allow it, for the error
 */
export function keepData(
  args: { readonly "allow-data-loss"?: boolean | undefined },
  how = "add --allow-data-loss",
): Pick<StackOptions, "keepData" | "environment"> {
  if (args["allow-data-loss"] || process.env[PERMISSION] === "yes") return { environment: { [PERMISSION]: "yes" } };
  return { keepData: `Take it out first; or, if it may be lost, ${how}.` };
}

/** Gives the permission to what this process starts: the Pulumi CLI. */
export function allowDataLossOf(args: { readonly "allow-data-loss"?: boolean | undefined }): void {
  if (args["allow-data-loss"]) process.env[PERMISSION] = "yes";
}
