import * as z from "zod";
import type { JobRequest } from "./job-request.ts";

/** What a hook sends: the payload form that Standard Webhooks recommends. Read tolerantly: it is somebody else's. */
export const HookPayload = z
  .object({
    type: z.string().max(200).default("event").describe("For example `form.submitted`."),
    timestamp: z.string().optional(),
    data: z.record(z.string(), z.unknown()).describe("See the source; for any other source a `JobRequest`."),
  })
  .meta({ id: "HookPayload" });
export type HookPayload = z.infer<typeof HookPayload>;

const Form = z.object({
  name: z.string().max(200).optional(),
  email: z.string().max(320).optional(),
  subject: z.string().max(500).optional(),
  message: z.string().trim().min(1).max(20_000),
});

const Purchase = z.object({
  customer: z.string().max(200).optional(),
  items: z
    .array(z.object({ name: z.string().max(300), quantity: z.number().optional() }))
    .min(1)
    .max(100),
  total: z.union([z.string().max(50), z.number()]).optional(),
  currency: z.string().max(10).optional(),
});

/** A source known by name: what its `data` holds and which job that becomes. */
interface Source {
  readonly description: string;
  readonly schema: z.ZodType;
  toJob(data: unknown): JobRequest;
}

/** The sources with a mapping of their own. Any other source sends a whole `JobRequest` as its `data`. */
export const SOURCES: Readonly<Record<string, Source>> = {
  form: source("a contact form: a friendly reply to its message", Form, (form) => ({
    message: [form.name && `From: ${form.name}`, form.subject && `Subject: ${form.subject}`, form.message]
      .filter(Boolean)
      .join("\n"),
    tone: "friendly",
    instructions: "Thank them for writing, answer what can be answered, and say that a person will read it too.",
  })),
  purchase: source("a purchase: a thank-you note", Purchase, (purchase) => ({
    message: [
      `Customer: ${purchase.customer ?? "unknown"}`,
      ...purchase.items.map((item) => `- ${item.quantity ?? 1} × ${item.name}`),
      ...(purchase.total === undefined ? [] : [`Total: ${purchase.total} ${purchase.currency ?? ""}`.trim()]),
    ].join("\n"),
    tone: "friendly",
    instructions: "This is an order, not a letter: write a short note that thanks the customer for it.",
  })),
};

function source<T>(
  description: string,
  schema: z.ZodType<T>,
  toInput: (data: T) => Extract<JobRequest, { task: "reply" }>["input"],
): Source {
  return {
    description,
    schema,
    toJob: (data) => ({ task: "reply", input: toInput(schema.parse(data)), metadata: {}, on_budget_exhausted: "wait" }),
  };
}
