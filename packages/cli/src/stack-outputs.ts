import { outputs } from "@tenner/engine";
import * as z from "zod";
import type { StackReference } from "./local-stack.ts";

const Templates = z.record(
  z.string(),
  z.object({ scriptName: z.string(), url: z.string().optional(), apiKey: z.string().optional() }),
);

/** What a stack says of one deployed template. */
export interface DeployedTemplate {
  readonly scriptName: string;
  readonly url?: string | undefined;
  /** A secret. */
  readonly apiKey?: string | undefined;
}

/** The templates that a stack has deployed, from its state. */
export async function deployedTemplates(stack: StackReference): Promise<Record<string, DeployedTemplate>> {
  const all = await outputs(stack);
  return Templates.parse(all["templates"]?.value ?? {});
}
