import type { Outputs } from "@tenner/cli/testing";

interface Template {
  readonly url: string;
  readonly apiKey: string;
}

/** The stack that the global setup started. */
export function stack(): Outputs & {
  agent: Template;
  pipeline: Template;
  cache: Template;
  app: Template;
  printed: string;
} {
  const outputs = outputsOfSetup();
  const agent = outputs?.templates["event-agent"];
  const pipeline = outputs?.templates["async-pipeline"];
  const cache = outputs?.templates["edge-cache"];
  const app = outputs?.templates["valuation-app"];
  if (!outputs || !agent || !pipeline || !cache || !app) {
    throw new Error("the global setup has not started the default stack");
  }
  return { ...outputs, agent, pipeline, cache, app, printed: process.env["E2E_PRINTED"] ?? "" };
}

function outputsOfSetup(): Outputs | null {
  return JSON.parse(process.env["E2E_OUTPUTS"] ?? "null") as Outputs | null;
}
