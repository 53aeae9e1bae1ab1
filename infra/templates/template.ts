import * as pulumi from "@pulumi/pulumi";
import type { Stack } from "../settings.ts";

/** What a stack's outputs say of a template. */
export interface TemplateOutputs {
  readonly scriptName: pulumi.Output<string>;
  /** Left out where only Cloudflare knows it: set `tenner:workersSubdomain` or `domain` to have it. */
  readonly url?: string;
  /** A secret. */
  readonly apiKey: pulumi.Output<string>;
}

/** Makes a template's resources and its Worker. */
export type Template = (stack: Stack) => TemplateOutputs;

/**
 * Deploys the templates that the settings ask for.
 * @throws pulumi.RunError when they ask for one that is not there
 */
export function deployTemplates(
  stack: Stack,
  templates: Readonly<Record<string, Template>>,
): Record<string, TemplateOutputs> {
  const missing = stack.settings.templates.filter((name) => !Object.hasOwn(templates, name));
  if (missing.length > 0) {
    throw new pulumi.RunError(
      `tenner:settings.templates: there is no ${missing.join(", ")}; there is ${Object.keys(templates).join(", ")}`,
    );
  }
  const wanted = Object.entries(templates).filter(([name]) => stack.settings.templates.some((one) => one === name));
  return Object.fromEntries(wanted.map(([name, template]) => [name, template(stack)]));
}
