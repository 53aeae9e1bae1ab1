import type { Outputs } from "@tenner/cli/testing";

interface Template {
  readonly url: string;
  readonly apiKey: string;
}

/** The edge cache of the stack that the global setup started; undefined where its settings do not deploy it. */
export function edgeCache(): Template | undefined {
  return outputsOfSetup()?.templates["edge-cache"];
}

/** The valuation app of the stack that the global setup started; undefined where its settings do not deploy it. */
export function valuationApp(): (Template & Pick<Outputs, "cloud">) | undefined {
  const outputs = outputsOfSetup();
  const app = outputs?.templates["valuation-app"];
  return outputs && app ? { ...app, cloud: outputs.cloud } : undefined;
}

/** The stack that the global setup started. */
export function stack(): Outputs & { agent: Template; pipeline: Template; printed: string } {
  const outputs = outputsOfSetup();
  const agent = outputs?.templates["event-agent"];
  const pipeline = outputs?.templates["async-pipeline"];
  if (!outputs || !agent || !pipeline) throw new Error("the global setup has not started a stack with both templates");
  return { ...outputs, agent, pipeline, printed: process.env["E2E_PRINTED"] ?? "" };
}

function outputsOfSetup(): Outputs | null {
  return JSON.parse(process.env["E2E_OUTPUTS"] ?? "null") as Outputs | null;
}
