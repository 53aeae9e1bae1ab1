import { join } from "node:path";
import { type Bundle, readBundle } from "./bundle.ts";
import { readWranglerConfiguration, type WranglerConfiguration } from "./wrangler-configuration.ts";

/** What the program reads of a template: files, never code. */
export interface TemplateSource {
  /** The template's name and its folder's, e.g. `event-agent`. */
  readonly name: string;
  /** How messages call it, e.g. `templates/event-agent`. */
  readonly title: string;
  readonly folder: string;
  readonly configuration: WranglerConfiguration;
  readonly bundle: Bundle;
}

const TEMPLATES_FOLDER = join(import.meta.dirname, "../../templates");

/**
 * Reads a template's wrangler.jsonc and its bundle.
 * @throws pulumi.RunError when either is missing, wrong or stale
 */
export function readTemplate(name: string): TemplateSource {
  const folder = join(TEMPLATES_FOLDER, name);
  const title = `templates/${name}`;
  return {
    name,
    title,
    folder,
    configuration: readWranglerConfiguration(folder, title),
    bundle: readBundle(folder, title),
  };
}
