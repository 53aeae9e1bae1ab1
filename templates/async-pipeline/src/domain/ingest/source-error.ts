/** Why a batch as a whole cannot be loaded. */
export type SourceErrorCode =
  | "empty_batch"
  | "too_many_items"
  | "unsupported_encoding"
  | "invalid_header"
  | "too_many_columns"
  | "header_too_large"
  | "invalid_document"
  | "document_too_large"
  | "source_missing"
  | "file_forbidden"
  | "file_unreachable"
  | "file_timeout"
  | "file_too_large"
  | "file_format_unknown";

/** A source that is no batch: nothing of it is processed. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly code: SourceErrorCode;

  constructor(code: SourceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
