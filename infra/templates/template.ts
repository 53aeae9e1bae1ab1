import * as pulumi from "@pulumi/pulumi";
import { readTemplate, type TemplateSource } from "../components/template-source.ts";
import type { Stack } from "../settings.ts";

/** What a stack's outputs say of a template. */
export interface TemplateOutputs {
  readonly scriptName: pulumi.Output<string>;
  /** Left out where only Cloudflare knows it: set `tenner:workersSubdomain` or `domain` to have it. */
  readonly url?: string;
  /** A secret. */
  readonly apiKey: pulumi.Output<string>;
  /** A secret: senders sign hooks with it, receivers verify outgoing webhooks. Left out where a template has no webhooks. */
  readonly webhookSecret?: pulumi.Output<string>;
}

/** Makes a template's resources and its Worker. */
export type Template = (stack: Stack, source: TemplateSource) => TemplateOutputs;

/**
 * Deploys the templates that the settings ask for. All of them are read before anything is made, so that a missing or
 * stale bundle changes nothing.
 * @throws pulumi.RunError with everything that is wrong
 */
export function deployTemplates(
  stack: Stack,
  templates: Readonly<Record<string, Template>>,
): Record<string, TemplateOutputs> {
  const problems: string[] = [];
  const deployments = stack.settings.templates.flatMap((name) => {
    const template = Object.hasOwn(templates, name) ? templates[name] : undefined;
    if (!template) {
      problems.push(`tenner:settings.templates: there is no ${name}; there is ${Object.keys(templates).join(", ")}`);
      return [];
    }
    try {
      return [{ template, source: readTemplate(name) }];
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  });
  if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
  return Object.fromEntries(deployments.map(({ template, source }) => [source.name, template(stack, source)]));
}
