/** A whole HTTP message at the beginning of what a socket has received. */
export interface WholeMessage {
  /** Of head and body, in bytes. */
  readonly length: number;
  /** Its first line. */
  readonly start: string;
}

/** The first whole message of {@link data}, or nothing while it has not arrived. Chunked bodies end at their empty chunk. */
export function wholeMessage(data: Buffer): WholeMessage | undefined {
  const end = data.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = data.toString("latin1", 0, end);
  const start = head.slice(0, head.indexOf("\r\n"));
  if (/\r\ntransfer-encoding: chunked/i.test(head)) {
    const last = data.indexOf("\r\n0\r\n\r\n", end);
    return last < 0 ? undefined : { length: last + 7, start };
  }
  const length = end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  return data.length < length ? undefined : { length, start };
}
