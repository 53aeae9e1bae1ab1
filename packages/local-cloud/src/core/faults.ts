import { Hono } from "hono";
import * as z from "zod";

/** What can go wrong with each service. A service is here once something of it asks {@link Faults.take}. */
const KINDS = {
  "workers-ai": ["fail", "hang", "garbage", "slow", "unreachable", "cut"],
  openai: ["fail", "hang", "garbage", "slow", "unreachable", "cut"],
  anthropic: ["fail", "hang", "garbage", "slow", "unreachable", "cut"],
  "ai-gateway": ["unreachable", "ignore-cap"],
  vectorize: ["fail", "slow"],
  kv: ["stale"],
  queues: ["redeliver", "reorder"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const SERVICES = Object.keys(KINDS) as (keyof typeof KINDS)[];

/** Something that shall go wrong on purpose. */
export const Fault = z
  .strictObject({
    /** The service it is for. */
    service: z.enum(SERVICES).default("workers-ai"),
    /**
     * `fail`: an error answer · `hang`: no answer for `ms`, then a timeout · `garbage`: an answer that is not what was
     * asked for · `slow`: the right answer, `ms` late (Vectorize: mutations are) · `unreachable`: no connection ·
     * `cut`: half an answer, then its connection breaks · `ignore-cap`: a gateway's spend limits are ignored at its creation ·
     * `stale`: KV reads answer what was there before a write, for `ms` after it (60,000 when not said) ·
     * `redeliver`: a message that was acknowledged is delivered once more · `reorder`: a batch is drawn from what waits.
     */
    kind: z.enum([
      "fail",
      "hang",
      "garbage",
      "slow",
      "unreachable",
      "cut",
      "ignore-cap",
      "stale",
      "redeliver",
      "reorder",
    ]),
    /** Only for this model, gateway, index, namespace (by its title) or queue. Absent: for all. */
    target: z.string().min(1).optional(),
    /** How often it happens before it is over. Absent: until it is cleared. */
    count: z.int().min(1).optional(),
    /** How many of a hundred calls, or messages, it hits, by chance. Absent: all. */
    percent: z.number().min(0).max(100).optional(),
    /** Milliseconds of `slow`, `hang` and `stale`. */
    ms: z.int().min(0).optional(),
    /** HTTP status of `fail`. */
    status: z.int().min(400).max(599).optional(),
    /** The product's error code of `fail`. */
    code: z.int().optional(),
  })
  .refine(({ service, kind }) => (KINDS[service] as readonly string[]).includes(kind), {
    path: ["kind"],
    error: ({ input }) =>
      `the service has only: ${KINDS[(input as { service: keyof typeof KINDS }).service].join(", ")}`,
  });
export type Fault = z.infer<typeof Fault>;

/** The faults that are set. */
export interface Faults {
  /** Sets one more fault. */
  add(fault: z.input<typeof Fault>): void;
  /**
   * The fault that hits this call, if any, counted down: the oldest one that fits and that chance does not spare it.
   *
   * @param kinds only these: who can act on one kind only leaves the others alone. @default all of the service
   */
  take(service: Fault["service"], target: string, kinds?: readonly Fault["kind"][]): Fault | undefined;
  list(): Fault[];
  /** Takes the faults of one service, or all, away. */
  clear(service?: Fault["service"]): void;
}

/** An empty set of faults. */
export function createFaults(): Faults {
  let faults: Fault[] = [];
  return {
    add: (fault) => void faults.push(Fault.parse(fault)),
    take(service, target, kinds) {
      const fault = faults.find(
        (one) =>
          one.service === service &&
          (one.target ?? target) === target &&
          (kinds === undefined || kinds.includes(one.kind)) &&
          (one.percent === undefined || Math.random() * 100 < one.percent),
      );
      if (fault?.count !== undefined && --fault.count === 0) faults = faults.filter((one) => one !== fault);
      return fault;
    },
    list: () => faults.map((fault) => ({ ...fault })),
    clear(service) {
      faults = service === undefined ? [] : faults.filter((one) => one.service !== service);
    },
  };
}

/** `GET`, `POST` (one fault or a list) and `DELETE` (`?service=`), for `/_local/faults`. */
export function faultRoutes(faults: Faults): Hono {
  const routes = new Hono();
  routes.get("/", (context) => context.json({ faults: faults.list() }));
  routes.post("/", async (context) => {
    const body: unknown = await context.req.json().catch(() => undefined);
    if (body === undefined) return context.json({ error: "the body is not JSON" }, 400);
    const parsed = z.array(Fault).safeParse(Array.isArray(body) ? body : [body]);
    if (!parsed.success) return context.json({ error: z.prettifyError(parsed.error) }, 400);
    for (const fault of parsed.data) faults.add(fault);
    return context.json({ faults: faults.list() });
  });
  routes.delete("/", (context) => {
    const service = Fault.shape.service.unwrap().optional().safeParse(context.req.query("service"));
    if (!service.success) return context.json({ error: z.prettifyError(service.error) }, 400);
    faults.clear(service.data);
    return context.json({ faults: faults.list() });
  });
  return routes;
}
