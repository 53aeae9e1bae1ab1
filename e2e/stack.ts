import type { Outputs } from "@tenner/cli/testing";

interface Template {
  readonly url: string;
  readonly apiKey: string;
}

/** The valuation app of the stack that the global setup started; undefined where its settings do not deploy it. */
export function valuationApp(): (Template & Pick<Outputs, "cloud">) | undefined {
  const outputs = outputsOfSetup();
  const app = outputs?.templates["valuation-app"];
  return outputs && app ? { ...app, cloud: outputs.cloud } : undefined;
}

/** The stack that the global setup started. */
export function stack(): Outputs & { agent: Template; pipeline: Template; cache: Template; printed: string } {
  const outputs = outputsOfSetup();
  const agent = outputs?.templates["event-agent"];
  const pipeline = outputs?.templates["async-pipeline"];
  const cache = outputs?.templates["edge-cache"];
  if (!outputs || !agent || !pipeline || !cache) throw new Error("the global setup has not started the default stack");
  return { ...outputs, agent, pipeline, cache, printed: process.env["E2E_PRINTED"] ?? "" };
}

function outputsOfSetup(): Outputs | null {
  return JSON.parse(process.env["E2E_OUTPUTS"] ?? "null") as Outputs | null;
}
