import * as z from "zod";
import { MATERIAL_RULE, material } from "../steps/material.ts";
import { ask, askEach, compute } from "../steps/step.ts";
import { pipeline } from "./pipeline.ts";

const Item = z.strictObject({
  id: z.string().max(200).optional().describe("Yours; it comes back with the result."),
  audience: z.string().trim().min(1).max(500).describe("Who gets the emails."),
  offer: z.string().trim().min(1).max(4_000).describe("What they are about."),
});

const Options = z.strictObject({
  emails: z.int().min(1).max(7).default(3),
  tone: z.string().min(2).max(100).default("warm and plain"),
  language: z.string().min(2).max(40).default("English"),
  sender: z.string().max(100).default("").describe("Who signs."),
});

const Plan = z.object({
  emails: z
    .array(z.object({ subject: z.string().trim().min(1).max(200), purpose: z.string().trim().min(1).max(500) }))
    .min(1)
    .max(20),
});

const Result = z.object({
  id: z.string().optional(),
  emails: z.array(z.object({ subject: z.string(), body: z.string() })),
});

/** A planned sequence of emails for each audience: first the plan, then each email by it. */
export const emailSequence = pipeline({
  name: "email-sequence",
  description: "A sequence of emails for each audience: planned as a whole, then written one by one.",
  item: Item,
  options: Options,
  result: Result,
})
  .step(
    ask({
      name: "plan",
      maxOutputTokens: 700,
      instructions: ({ emails, language }) =>
        `You plan a sequence of exactly ${emails} marketing emails that build on each other. For each give its subject line and in one sentence its purpose, in ${language}. ${MATERIAL_RULE}`,
      material: (item) => `${material("audience", item.audience)}\n${material("offer", item.offer)}`,
      answer: () => Plan,
      output: (plan, item, { emails }) => ({ item, planned: plan.emails.slice(0, emails) }),
    }),
  )
  .step(
    askEach({
      name: "write",
      maxOutputTokens: 700,
      temperature: 0.6,
      instructions: ({ tone, language }) =>
        `You write one email of a sequence, at most 180 words, in ${language}, tone: ${tone}. Answer with its body only: no subject line, no placeholders, no facts that the offer does not name. ${MATERIAL_RULE}`,
      materials: ({ item, planned }) =>
        planned.map(
          ({ subject, purpose }, index) =>
            `${material("audience", item.audience)}\n${material("offer", item.offer)}\n${material("sequence", planned.map((each, n) => `${n + 1}. ${each.subject}`).join("\n"))}\n${material("email", `Number ${index + 1}\nSubject: ${subject}\nPurpose: ${purpose}`)}`,
        ),
      output: (bodies, { item, planned }) => ({ item, planned, bodies }),
    }),
  )
  .last(
    compute("sign", ({ item, planned, bodies }, { sender }) => ({
      ...(item.id !== undefined && { id: item.id }),
      emails: planned.map(({ subject }, index) => ({
        subject,
        body: sender === "" ? (bodies[index] ?? "") : `${bodies[index] ?? ""}\n\n${sender}`,
      })),
    })),
  );
