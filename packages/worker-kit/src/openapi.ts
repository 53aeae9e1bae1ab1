import type { Env as HonoEnv } from "hono";
import * as z from "zod";
import type { Endpoint, EndpointResponse } from "./endpoint.ts";
import { ProblemBody } from "./problem.ts";

/** A parameter in the path, the query or a header. */
export interface ApiParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: object;
}

/** One operation of the API. */
export interface ApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly ApiParameter[];
  readonly requestBody?: { readonly required: true; readonly content: ApiContent };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: ApiContent }>>;
}
type ApiContent = Readonly<Record<string, { readonly schema: object }>>;

/** An OpenAPI 3.1 document, as far as `openApi` makes it. */
export interface ApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>>; readonly securitySchemes: object };
}

/** How the errors of some paths look. */
export interface ErrorForm {
  readonly contentType: string;
  readonly schema: z.ZodType;
}

const PROBLEMS: Record<number, string> = {
  400: "Not valid; `errors` names the fields",
  401: "No API key or token, or not a valid one",
  403: "The key, the token or the address may not do this",
  404: "No such thing for this tenant",
  409: "It conflicts with the present state",
  413: "The body is too large",
  415: "The body is not JSON",
  429: "Too many requests; see retry-after",
  503: "Not set up, or not available now",
};

/** Describes endpoints with the very schemas that check them. Schemas with `.meta({ id })` become components. */
export function openApi<E extends HonoEnv>(
  info: ApiDocument["info"],
  endpoints: readonly Endpoint<E>[],
  options: { readonly errorForm?: (path: string) => ErrorForm | undefined } = {},
): ApiDocument {
  const schemas = new SchemaCollection();
  const paths: Record<string, Record<string, ApiOperation>> = {};
  for (const each of endpoints) {
    const path = each.path.replaceAll(/:(\w+)(\{[^}]*\})?/g, "{$1}");
    paths[path] = {
      ...paths[path],
      [each.method]: operation(each, schemas, options.errorForm?.(each.path) ?? PROBLEM),
    };
  }
  return {
    openapi: "3.1.0",
    info,
    paths,
    components: {
      schemas: schemas.all(),
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          description: "An API key (`tnr_…`), or where the settings name issuers a JSON Web Token of one",
        },
      },
    },
  };
}

const PROBLEM: ErrorForm = { contentType: "application/problem+json", schema: ProblemBody };

function operation<E extends HonoEnv>(
  each: Endpoint<E>,
  schemas: SchemaCollection,
  { contentType, schema }: ErrorForm,
): ApiOperation {
  const body = each.body ?? each.describedBody;
  const problems = new Set([
    ...(each.guard ? [401, 403] : []),
    ...(body ? [400, 413, 415] : []),
    ...(each.query ? [400] : []),
    ...(each.problems ?? []),
  ]);
  const refused = [...problems]
    .toSorted((a, b) => a - b)
    .map((status): [string, { description: string; content: ApiContent }] => [
      String(status),
      {
        description: PROBLEMS[status] ?? "A problem",
        content: { [contentType]: { schema: schemas.add(schema, "output") } },
      },
    ]);
  const parameters = [
    ...pathParameters(each.path),
    ...queryParameters(each.query, schemas),
    ...headerParameters(each.headers),
  ];
  return {
    operationId: each.operationId,
    summary: each.summary,
    ...(each.description !== undefined && { description: each.description }),
    tags: [each.tag],
    ...(each.guard !== undefined && { security: [{ apiKey: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...((body || each.otherBodies) && {
      requestBody: {
        required: true as const,
        content: {
          ...(body && { "application/json": { schema: schemas.add(body, "input") } }),
          ...otherBodies(each.otherBodies),
        },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(each.responses).map(([status, response]) => [status, describe(response, schemas)]),
      ),
      ...Object.fromEntries(refused),
    },
  };
}

function otherBodies(types: Readonly<Record<string, string>> = {}): ApiContent {
  return Object.fromEntries(
    Object.entries(types).map(([type, description]) => [type, { schema: { type: "string", description } }]),
  );
}

function describe(response: EndpointResponse, schemas: SchemaCollection) {
  if (!response.schema && !response.contentType) return { description: response.description };
  const schema = response.schema ? schemas.add(response.schema, "output") : { type: "string" };
  return { description: response.description, content: { [response.contentType ?? "application/json"]: { schema } } };
}

function pathParameters(path: string): ApiParameter[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(query: z.ZodType | undefined, schemas: SchemaCollection): ApiParameter[] {
  if (!query) return [];
  const Shape = z.object({
    properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })).default({}),
    required: z.array(z.string()).default([]),
  });
  const shape = Shape.parse(schemas.add(query, "input"));
  return Object.entries(shape.properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: shape.required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }));
}

function headerParameters(headers: Readonly<Record<string, string>> = {}): ApiParameter[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: "header",
    required: false,
    description,
    schema: { type: "string" },
  }));
}

/** Named schemas by id: what goes in and what comes out can differ by defaults, so they are kept apart by name. */
class SchemaCollection {
  readonly #schemas = new Map<string, object>();

  /** A schema in place, or a reference to it when it has a name. */
  add(schema: z.ZodType, io: "input" | "output"): object {
    const { $schema: _, $defs, ...root } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
    const id = schema.meta()?.id;
    for (const [name, definition] of Object.entries($defs ?? {})) this.#schemas.set(name, rename(definition));
    if (id === undefined) return rename(root);
    // With a name zod makes the root a reference into $defs, unless nothing else is there.
    if (!("$ref" in root)) this.#schemas.set(id, rename(root));
    return { $ref: `#/components/schemas/${id}` };
  }

  all(): Record<string, object> {
    return Object.fromEntries([...this.#schemas].toSorted(([a], [b]) => a.localeCompare(b)));
  }
}

/** Points references at the document's components and drops the names that zod repeats inside. */
function rename(schema: object): object {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === "id" && typeof value === "string" ? undefined : value,
  );
  const renamed: object = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/'));
  return renamed;
}
