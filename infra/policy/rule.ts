import type { Stack } from "../settings.ts";

/** A value that is known only when something has been made: what the program has as an `Output`. */
export class Later {
  /** Whether it is marked as a secret. May wait until what it comes from is there. */
  readonly isSecret: () => Promise<boolean>;

  constructor(isSecret: () => Promise<boolean>) {
    this.isSecret = isSecret;
  }
}

/** A resource as the program is about to register it. */
export interface PlannedResource {
  /** Pulumi's token, e.g. `cloudflare:index/queue:Queue`. */
  readonly type: string;
  readonly name: string;
  /** What is not known yet is {@link Later}. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Whether Pulumi refuses to delete it: its own option, or that of the component it belongs to. */
  readonly protect: boolean;
}

/** What breaks a rule. */
export interface Finding {
  /** Whose fault it is, e.g. `Queue event-agent-jobs`, or a setting's path. */
  readonly where: string;
  /** What is wrong, and what harm it does. */
  readonly why: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** A rule that every preview and every `up` holds the whole program to, before anything of it is registered. */
export interface PolicyRule {
  /** As messages call it, e.g. `gateway-cap`. */
  readonly name: string;
  find(resources: readonly PlannedResource[], stack: Stack): readonly Finding[];
  /** What can be told of a resource only when others are there. Its registration waits for the answer. */
  findLater?(resource: PlannedResource): Promise<readonly Finding[]>;
}

/** Tokens of the types that rules look at. */
export const TYPES = {
  gateway: "cloudflare:index/aiGateway:AiGateway",
  route: "cloudflare:index/aiGatewayDynamicRouting:AiGatewayDynamicRouting",
  spendCap: "pulumi-nodejs:dynamic/tenner:SpendCap",
  queue: "cloudflare:index/queue:Queue",
  queueConsumer: "cloudflare:index/queueConsumer:QueueConsumer",
  database: "cloudflare:index/d1Database:D1Database",
  bucket: "cloudflare:index/r2Bucket:R2Bucket",
  publicBucketAddress: "cloudflare:index/r2ManagedDomain:R2ManagedDomain",
  bucketDomain: "cloudflare:index/r2CustomDomain:R2CustomDomain",
  bucketCors: "cloudflare:index/r2BucketCors:R2BucketCors",
  script: "cloudflare:index/workersScript:WorkersScript",
  domain: "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
} as const;

/** Those of a type. */
export function ofType(resources: readonly PlannedResource[], ...types: readonly string[]): PlannedResource[] {
  return resources.filter(({ type }) => types.includes(type));
}

/** How findings call a resource. */
export function titleOf({ type, name }: PlannedResource): string {
  return `${type.split(":").at(-1)} ${name}`;
}

/** A value that is an object with named members: none when it is something else, or not known yet. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  const plain = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Later);
  return plain ? { ...value } : {};
}

/** The objects of a list: none when it is no list, or not known yet. */
export function itemsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(membersOf) : [];
}
