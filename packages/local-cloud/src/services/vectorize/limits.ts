/**
 * Vectorize's limits. Those of ids are what it answers, not what is documented.
 *
 * @see https://developers.cloudflare.com/vectorize/platform/limits/
 */
export const LIMITS = {
  dimensions: 1536,
  indexNameBytes: 64,
  idBytes: 64,
  namespaceBytes: 64,
  metadataBytes: 10_240,
  /** Of one insert or upsert. */
  uploadBytes: 100 * 1024 * 1024,
  batchFromWorker: 1000,
  batchOverHttp: 5000,
  topK: 100,
  /** With values or all metadata. */
  topKWithContent: 50,
  filterBytes: 2048,
  filterKeyLength: 512,
  idsToGet: 20,
  idsToDelete: 100,
  listPage: 1000,
  metadataIndexes: 10,
  /** Of a string that a metadata index holds. */
  indexedBytes: 64,
} as const;
