import type { Settings } from "@tenner/worker-kit/settings";
import type { IngestLimits } from "./source-entry.ts";

/** A stack's limits for what comes in; those of a CSV's header are nobody's business to change. */
export function ingestLimits({ pipeline }: Pick<Settings, "pipeline">): IngestLimits {
  return {
    maxItemBytes: pipeline.maxItemBytes,
    maxItems: pipeline.maxItemsPerBatch,
    maxSourceBytes: pipeline.maxUploadBytes,
    maxDocumentBytes: pipeline.maxInlineBytes,
    maxHeaderBytes: 65_536,
    maxColumns: 1_000,
  };
}
