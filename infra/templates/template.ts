import * as pulumi from "@pulumi/pulumi";
import { readTemplate, type TemplateSource } from "../components/template-source.ts";
import type { Stack } from "../settings.ts";
import type { SharedResources } from "../shared-resources.ts";

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

/** Makes a template's resources and its Worker. `others` are those of the stack that the program lists before it. */
export type Template = (
  stack: Stack,
  source: TemplateSource,
  shared: SharedResources,
  others: Readonly<Record<string, TemplateOutputs>>,
) => TemplateOutputs;

/** A template that the settings ask for, and what the program read of it. */
export interface ChosenTemplate {
  readonly make: Template;
  readonly source: TemplateSource;
}

/**
 * Reads the templates that the settings ask for, all of them before anything is made: so a missing or stale bundle
 * changes nothing.
 * @param templates a template comes after those that it can use
 * @returns them in the order of `templates`
 * @throws pulumi.RunError with everything that is wrong
 */
export function chooseTemplates(
  { settings }: Stack,
  templates: Readonly<Record<string, Template>>,
): readonly ChosenTemplate[] {
  const problems: string[] = [];
  const chosen = settings.templates.flatMap((name, position) => {
    if (settings.templates.indexOf(name) !== position) {
      problems.push(`tenner:settings.templates[${position}]: ${name} is there twice`);
      return [];
    }
    const make = Object.hasOwn(templates, name) ? templates[name] : undefined;
    if (!make) {
      problems.push(`tenner:settings.templates: there is no ${name}; there is ${Object.keys(templates).join(", ")}`);
      return [];
    }
    try {
      return [{ make, source: readTemplate(name) }];
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  });
  if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
  const order = Object.keys(templates);
  return chosen.sort((a, b) => order.indexOf(a.source.name) - order.indexOf(b.source.name));
}

/** Deploys templates that were read. */
export function deployTemplates(
  stack: Stack,
  chosen: readonly ChosenTemplate[],
  shared: SharedResources,
): Record<string, TemplateOutputs> {
  const made: Record<string, TemplateOutputs> = {};
  for (const { make, source } of chosen) made[source.name] = make(stack, source, shared, made);
  return made;
}
