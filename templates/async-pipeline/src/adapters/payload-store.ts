/** Where an item's JSON lies. */
interface Place {
  readonly position: number;
  readonly payload_key: string | null;
  readonly payload_offset: number | null;
  readonly payload_length: number | null;
}

/** Reads so many bytes too many rather than asking R2 twice. */
const GAP = 65_536;

/**
 * Reads the payloads of items from R2, neighbours with one request. An item is left out when its object is gone or does
 * not hold JSON there.
 */
export async function readPayloads(files: R2Bucket, places: readonly Place[]): Promise<Map<number, unknown>> {
  const payloads = new Map<number, unknown>();
  await Promise.all(
    spans(places).map(async ({ key, start, end, items }) => {
      const object = await files.get(key, { range: { offset: start, length: end - start } });
      if (!object) return;
      const bytes = new Uint8Array(await object.arrayBuffer());
      for (const { position, from, to } of items) {
        const value = parse(bytes.subarray(from - start, to - start));
        if (value !== undefined) payloads.set(position, value);
      }
    }),
  );
  return payloads;
}

interface Span {
  readonly key: string;
  readonly start: number;
  end: number;
  readonly items: { position: number; from: number; to: number }[];
}

function spans(places: readonly Place[]): Span[] {
  const found: Span[] = [];
  for (const place of places.toSorted((a, b) => (a.payload_offset ?? 0) - (b.payload_offset ?? 0))) {
    const { payload_key: key, payload_offset: from, payload_length: length } = place;
    if (key === null || from === null || length === null) continue;
    const item = { position: place.position, from, to: from + length };
    const near = found.find((span) => span.key === key && from <= span.end + GAP);
    if (near) {
      near.end = Math.max(near.end, item.to);
      near.items.push(item);
    } else found.push({ key, start: from, end: item.to, items: [item] });
  }
  return found;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined; // The caller says what that means for its item.
  }
}
