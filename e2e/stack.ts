import type { Outputs } from "@tenner/cli/testing";

/** The stack that the global setup started. */
export function stack(): Outputs & { agent: { url: string; apiKey: string }; printed: string } {
  const outputs = JSON.parse(process.env["E2E_OUTPUTS"] ?? "null") as Outputs | null;
  const agent = outputs?.templates["event-agent"];
  if (!outputs || !agent) throw new Error("the global setup has not started a stack");
  return { ...outputs, agent, printed: process.env["E2E_PRINTED"] ?? "" };
}
