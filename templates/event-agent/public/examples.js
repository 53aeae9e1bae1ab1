/**
 * The worked examples: what the form shows first for each task.
 * `fields` are the task's own inputs; `read` turns what stands in them into the API's `input`.
 */
export const TASKS = {
  summarize: {
    label: "Summarize",
    textLabel: "Text",
    text: `Dear customers, in March we move to a larger warehouse in Malmö. Orders placed until the 12th will be shipped as usual. From the 13th to the 17th our shelves are on the road, and nothing leaves the house; orders placed in those days ship on the 18th. Please send returns to the new address from the 18th on. Parcels that still go to the old one will be forwarded for four weeks, which adds about three days. Our phone lines stay open throughout. Your Nordlicht team`,
    fields: [
      { name: "max_words", label: "At most (words)", type: "number", value: "60", min: 10, max: 1000 },
      { name: "style", label: "Form", type: "select", value: "paragraph", options: ["paragraph", "bullets"] },
    ],
    read: (text, fields) => ({ text, max_words: Number(fields.max_words), style: fields.style }),
  },
  extract: {
    label: "Extract",
    textLabel: "Text",
    text: `Hello, this is Ingrid Falk (order number: 48213). The blue kettle arrived with a broken lid on Tuesday. I paid €39.90 for it. Could you send a replacement to Storgatan 4, Lund?`,
    fields: [
      {
        name: "schema",
        label: "JSON Schema of the answer",
        type: "textarea",
        value: JSON.stringify(
          {
            type: "object",
            properties: {
              customer: { type: "string" },
              order_number: { type: "integer" },
              amount: { type: "number" },
              wish: { enum: ["replacement", "refund", "repair"] },
            },
            required: ["customer", "order_number", "wish"],
            additionalProperties: false,
          },
          null,
          2,
        ),
      },
    ],
    read: (text, fields) => ({ text, schema: parseSchema(fields.schema) }),
  },
  classify: {
    label: "Classify",
    textLabel: "Text",
    text: `The invoice for October lists two licences, but we cancelled one in August. Please correct it before the 30th.`,
    fields: [
      {
        name: "labels",
        label: "Labels, one a line",
        type: "textarea",
        value: "billing\ntechnical problem\nfeature wish\nother",
      },
    ],
    read: (text, fields) => ({
      text,
      labels: fields.labels
        .split("\n")
        .map((label) => label.trim())
        .filter(Boolean),
    }),
  },
  reply: {
    label: "Reply",
    textLabel: "Message to answer",
    text: `Hi, I ordered the oak shelf twelve days ago and the tracking has said “in preparation” ever since. My daughter moves in on Saturday. Will it be here by then? Best, Tomasz`,
    fields: [
      {
        name: "tone",
        label: "Tone",
        type: "select",
        value: "friendly",
        options: ["friendly", "formal", "brief", "apologetic"],
      },
      { name: "signature", label: "Signature", type: "text", value: "Mira, Nordlicht" },
      {
        name: "instructions",
        label: "What it has to say",
        type: "textarea",
        value: "The shelf leaves tomorrow and arrives on Friday. No discount.",
      },
    ],
    read: (message, fields) => ({
      message,
      tone: fields.tone,
      ...(fields.signature && { signature: fields.signature }),
      ...(fields.instructions && { instructions: fields.instructions }),
    }),
  },
};

function parseSchema(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("The schema is not JSON.");
  }
}
