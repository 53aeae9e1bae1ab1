import * as z from "zod";

const MEGABYTE = 1_000_000;

/** Of the edge cache: documents that are asked about. */
export const Rag = z
  .strictObject({
    /** Bytes of a document. A Worker has 128 MB in all, and a PDF needs several times its size. */
    maxDocumentBytes: z
      .int()
      .min(1_024)
      .max(32 * MEGABYTE)
      .default(10 * MEGABYTE),
    /** Documents of one tenant. */
    maxDocumentsPerTenant: z.int().min(1).max(100_000).default(1_000),
    /** Pages of a PDF; one with more fails with that reason. */
    maxPages: z.int().min(1).max(5_000).default(500),
    /** Chunks of a document; one with more fails with that reason. */
    maxChunksPerDocument: z.int().min(1).max(10_000).default(2_000),
    /** Tokens of a chunk, at most. The embedding model reads 512 of a text and no more. */
    chunkTokens: z.int().min(32).max(480).default(320),
    /** Tokens that a chunk repeats of the one before, at most a quarter of `chunkTokens`. */
    chunkOverlapTokens: z.int().min(0).max(120).default(48),
    /** Chunks that a question is answered from, when it does not say itself. */
    topK: z.int().min(1).max(20).default(6),
    /**
     * Cosine similarity, 0 to 1, from which a chunk is near enough to a question to ask a model; below it, only when the
     * chunk has half of the question's words.
     */
    minSimilarity: z.number().min(0).max(1).default(0.5),
  })
  .superRefine(({ chunkTokens, chunkOverlapTokens }, context) => {
    if (chunkOverlapTokens * 4 <= chunkTokens) return;
    const message = `is ${chunkOverlapTokens}; a quarter of chunkTokens (${chunkTokens}) is the most`;
    context.addIssue({ code: "custom", path: ["chunkOverlapTokens"], message });
  });
