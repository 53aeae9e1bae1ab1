import { type Cell, csvLine } from "./csv.ts";

/** Rows that come in parts. */
export interface Table {
  readonly names: readonly string[];
  readonly rows: () => AsyncGenerator<readonly (readonly Cell[])[], void, undefined>;
}

interface Format {
  readonly contentType: string;
  readonly text: (table: Table) => AsyncGenerator<string, void, undefined>;
}

/** How a table is written. */
export const FORMATS: Readonly<Record<"csv" | "json", Format>> = {
  csv: { contentType: "text/csv; charset=utf-8", text: asCsv },
  json: { contentType: "application/json", text: asJson },
};

/** A table as the body of an answer, of which one part at a time is in memory. A failure breaks it off. */
export function tableBody(format: keyof typeof FORMATS, table: Table): ReadableStream<Uint8Array> {
  const text = FORMATS[format].text(table);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const step = await text.next();
          if (step.done) return controller.close();
          if (step.value !== "") return controller.enqueue(encoder.encode(step.value));
        }
      },
      async cancel() {
        await text.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* asCsv({ names, rows }: Table): AsyncGenerator<string, void, undefined> {
  yield csvLine(names);
  for await (const part of rows()) yield part.map(csvLine).join("");
}

async function* asJson({ names, rows }: Table): AsyncGenerator<string, void, undefined> {
  let before = "[";
  for await (const part of rows()) {
    let text = "";
    for (const row of part) {
      text += `${before}\n${JSON.stringify(Object.fromEntries(names.map((name, place) => [name, row[place]])))}`;
      before = ",";
    }
    yield text;
  }
  yield before === "[" ? "[]\n" : "\n]\n";
}
