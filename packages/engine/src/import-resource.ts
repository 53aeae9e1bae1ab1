import { createRequire } from "node:module";
import { join } from "node:path";
import { goTime, type ResourceState } from "./checkpoint.ts";
import type { UpdateResult } from "./events.ts";
import { packageOf } from "./providers/provider-host.ts";
import { markOutputs } from "./resource-state.ts";
import { type Session, type StackOptions, withSession } from "./session.ts";
import { reported, type StepContext, withTimeLimit } from "./step-context.ts";
import { createUrn, STACK_TYPE, type Urn } from "./urn.ts";
import { isObject } from "./values.ts";

export interface ImportOptions extends StackOptions {
  /** A token, e.g. `cloudflare:index/workersKvNamespace:WorkersKvNamespace`. */
  readonly type: string;
  /** Its name in the program. */
  readonly name: string;
  /** As the provider wants it, e.g. `<account id>/<namespace id>`. */
  readonly id: string;
}

/** Takes a resource that exists into the state, protected, as `pulumi import` does. The program has to be given it too. */
export async function importResource(options: ImportOptions): Promise<UpdateResult> {
  return withSession(options, { operation: "import", preview: false, order: "in place" }, async (session) => {
    const context = await session.context;
    const since = performance.now();
    const { type, name, id } = options;
    const urn = createUrn(session.stack, "", type, name);
    const resource = { urn, type, name, id };
    try {
      if (context.journal.find(urn)) throw new Error(`${urn} is in the state already`);
      context.reporter.started(resource, "import");
      const state = await read(context, session, options, urn);
      context.journal.settle(undefined, state);
      await context.journal.save();
      context.reporter.finished(reported(state), "import", { since });
    } catch (error) {
      context.reporter.failedResource(resource, "import", error, since);
    }
  });
}

async function read(
  context: StepContext,
  session: Session,
  { type, id }: ImportOptions,
  urn: Urn,
): Promise<ResourceState> {
  const parent = stackState(context, session);
  const provider = providerFor(context, session, type);
  const found = await (async () => {
    const resource = context.providers.resource(type, urn, provider);
    const inputs = resource.importInputs?.(id) ?? {};
    return withTimeLimit("read", undefined, (signal) => resource.read(id, { inputs, outputs: {} }, signal));
  })();
  if (!found) throw new Error(`there is no ${type} with the id ${id}`);
  const now = goTime(new Date());
  const outputs = markOutputs(found.outputs, found.inputs, []);
  const { inputs, id: actualId } = found;
  return {
    urn,
    custom: true,
    id: actualId,
    type,
    inputs,
    outputs,
    parent,
    provider,
    protect: true,
    importID: id,
    created: now,
    modified: now,
  };
}

function stackState(context: StepContext, { stack }: Session): Urn {
  const existing = context.journal.resources.find((state) => state.type === STACK_TYPE);
  if (existing) return existing.urn;
  const urn = createUrn(stack, "", STACK_TYPE, `${stack.project}-${stack.stack}`);
  const now = goTime(new Date());
  context.journal.settle(undefined, {
    urn,
    custom: false,
    type: STACK_TYPE,
    inputs: {},
    outputs: {},
    created: now,
    modified: now,
  });
  return urn;
}

/** The provider of its package that the stack has, else a default one of the SDK's version. */
function providerFor(context: StepContext, session: Session, type: string): string {
  const packageName = packageOf(type);
  const existing = context.journal.resources.find(
    (state) => state.type === `pulumi:providers:${packageName}` && !state.delete,
  );
  if (existing) return `${existing.urn}::${existing.id}`;
  const version = sdkVersion(session.project.directory, packageName);
  const { urn, inputs } = context.providers.defaultProvider(packageName, version);
  const now = goTime(new Date());
  const state = context.providers.providerState(urn, `pulumi:providers:${packageName}`, inputs, version, undefined);
  context.journal.settle(undefined, { ...state, created: now, modified: now });
  return `${urn}::${state.id}`;
}

function sdkVersion(projectDirectory: string, packageName: string): string {
  const require = createRequire(join(projectDirectory, "Pulumi.yaml"));
  const manifest: unknown = require(`@pulumi/${packageName}/package.json`);
  return isObject(manifest) && typeof manifest["version"] === "string" ? manifest["version"] : "";
}
