import { Socket } from "node:net";

/** Receives one answer. After `end` or `fail` nothing more comes. */
export interface AnswerReader {
  /** @param headers `name, value, name, value…` */
  head(status: number, message: string, headers: string[]): void;
  /** A part of the body. @returns false when no more should come until {@link Exchange.resume}. */
  data(part: Buffer): boolean;
  end(): void;
  fail(error: NodeJS.ErrnoException): void;
}

/** A request under way. */
export interface Exchange {
  /** Sends a part of the request's body. @returns false when the other side is slower; `onDrain` tells when it caught up. */
  write(part: Buffer | string, onDrain: () => void): boolean;
  /** The request is complete. */
  finish(): void;
  resume(): void;
  /** Ends the exchange and its connection. */
  abort(): void;
}

/**
 * Kept-alive connections to one workerd socket. It speaks just the HTTP/1.1 that workerd answers, which takes half the
 * time that `node:http` needs for everything there may be.
 */
export class UpstreamPool {
  readonly #port: number;
  readonly #limits: { readonly connections: number; readonly unanswered: number };
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  /** Exchanges whose answer has not begun. */
  #unanswered = 0;
  #waiting: (() => void)[] = [];
  /** Whose turn it is: to shift an array of thousands costs as many moves each time. */
  #turn = 0;

  /**
   * @param limits connections at once, and requests at once of whose answer nothing has come: further ones wait. Every
   * request that waits inside an isolate makes workerd slower for all others there (a thousand take three quarters of its
   * time); here it costs a place in a queue. Streams count until they begin.
   */
  constructor(port: number, limits: { readonly connections: number; readonly unanswered: number }) {
    this.#port = port;
    this.#limits = limits;
  }

  /**
   * Sends a request's head, then whatever is written to the exchange.
   *
   * @param head request line and headers, with the empty line.
   * @param hasAnswerBody false for HEAD.
   * @param awaited a request that is under way waits for this one, which may not wait for it in turn.
   */
  send(head: string, hasAnswerBody: boolean, reader: AnswerReader, awaited = false): Exchange {
    const late = new LateExchange();
    const start = () => {
      if (!late.aborted) late.begin(this.#connection().begin(head, hasAnswerBody, reader, late));
    };
    if (this.#hasRoom(awaited)) start();
    else this.#waiting.push(start);
    return late;
  }

  #hasRoom(awaited = false): boolean {
    const { connections, unanswered } = this.#limits;
    return (awaited || this.#unanswered < unanswered) && (this.#idle.length > 0 || this.#all.size < connections);
  }

  destroy(): void {
    for (const connection of this.#all) connection.destroy();
  }

  #connection(): Connection {
    this.#unanswered += 1;
    const idle = this.#idle.pop();
    if (idle) return idle;
    // Otherwise a body waits until its head was acknowledged, 40 ms. Only `net.connect` reads that from its options.
    const socket = new AnswerFirstSocket().connect({ port: this.#port, host: "127.0.0.1" }).setNoDelay(true);
    const connection: Connection = new Connection(socket, {
      answered: () => {
        this.#unanswered -= 1;
        this.#next();
      },
      free: () => {
        this.#idle.push(connection);
        this.#next();
      },
      gone: () => {
        this.#all.delete(connection);
        const at = this.#idle.indexOf(connection);
        if (at >= 0) this.#idle.splice(at, 1);
        this.#next();
      },
    });
    this.#all.add(connection);
    return connection;
  }

  /** Whose caller has gone is passed over: under load these are thousands. */
  #next(): void {
    if (this.#waiting.length === 0) return;
    while (this.#turn < this.#waiting.length && this.#hasRoom()) this.#waiting[this.#turn++]?.();
    if (this.#turn * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#turn);
    this.#turn = 0;
  }
}

/**
 * A socket that still reads when it cannot write any more: who answers before the whole body has come, and hangs up, has
 * answered. When there was no answer, the end of what can be read says so.
 */
class AnswerFirstSocket extends Socket {
  override _write(part: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    super._write(part, encoding, () => done());
  }

  override _writev(parts: { chunk: unknown; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    super._writev?.(parts, () => done());
  }
}

/** An exchange that may still wait for its connection. */
class LateExchange implements Exchange {
  aborted = false;
  #over = false;
  #connection: Connection | undefined;
  #early: ((connection: Connection) => void)[] = [];

  begin(connection: Connection): void {
    this.#connection = connection;
    for (const act of this.#early) act(connection);
    this.#early = [];
  }

  write(part: Buffer | string, onDrain: () => void): boolean {
    if (this.#connection) return this.#connection.write(part, onDrain);
    if (this.#over) return true;
    this.#early.push((connection) => {
      if (connection.write(part, onDrain)) onDrain();
    });
    return false;
  }

  finish(): void {
    if (this.#connection) this.#connection.finish();
    else this.#early.push((connection) => connection.finish());
  }

  resume(): void {
    this.#connection?.resume();
  }

  abort(): void {
    this.aborted = true;
    this.#connection?.abort();
  }

  /** The connection may belong to another exchange now. */
  over(): void {
    this.#over = true;
    this.#connection = undefined;
    this.#early = [];
  }
}

type Framing = "head" | "length" | "chunked" | "close";

/** One connection: one exchange at a time. */
class Connection {
  readonly #socket: Socket;
  readonly #pool: { answered(): void; free(): void; gone(): void };
  #answered = true;
  #reader: AnswerReader | undefined;
  #exchange: LateExchange | undefined;
  #hasAnswerBody = true;
  #requestDone = false;
  #framing: Framing = "head";
  #keepAlive = true;
  /** Bytes of the body, or of its chunk, that are still to come. */
  #left = 0;
  #rest: Buffer | undefined;

  constructor(socket: Socket, pool: { answered(): void; free(): void; gone(): void }) {
    this.#socket = socket;
    this.#pool = pool;
    let failure: NodeJS.ErrnoException = Object.assign(new Error("the runtime closed the connection"), {
      code: "ECONNRESET",
    });
    socket.on("data", (part: Buffer) => this.#read(part));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      failure = error;
    });
    socket.on("close", () => {
      const reader = this.#reader;
      this.#reader = undefined;
      this.#exchange?.over();
      this.#begun();
      pool.gone();
      if (reader && this.#framing === "close") reader.end();
      else reader?.fail(failure);
    });
  }

  begin(head: string, hasAnswerBody: boolean, reader: AnswerReader, exchange: LateExchange): this {
    this.#reader = reader;
    this.#exchange = exchange;
    this.#answered = false;
    this.#hasAnswerBody = hasAnswerBody;
    this.#requestDone = false;
    this.#framing = "head";
    this.#keepAlive = true;
    this.#socket.write(head, "latin1");
    return this;
  }

  write(part: Buffer | string, onDrain: () => void): boolean {
    if (this.#socket.write(part)) return true;
    this.#socket.once("drain", onDrain);
    return false;
  }

  finish(): void {
    this.#requestDone = true;
  }

  resume(): void {
    this.#socket.resume();
  }

  abort(): void {
    if (this.#reader === undefined) return;
    this.#reader = undefined;
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(part: Buffer): void {
    let bytes: Buffer | undefined = this.#rest === undefined ? part : Buffer.concat([this.#rest, part]);
    this.#rest = undefined;
    while (bytes !== undefined && bytes.length > 0) {
      if (this.#reader === undefined) {
        // Nobody asked: the two sides no longer agree on where an answer ends.
        this.#socket.destroy();
        return;
      }
      bytes = this.#step(this.#reader, bytes);
    }
  }

  /** Takes what it can of `bytes`. Answers what is left to take now; what needs more to come is kept. */
  #step(reader: AnswerReader, bytes: Buffer): Buffer | undefined {
    switch (this.#framing) {
      case "head":
        return this.#readHead(reader, bytes);
      case "close":
        this.#pass(reader, bytes);
        return undefined;
      case "length": {
        const taken = bytes.subarray(0, this.#left);
        this.#left -= taken.length;
        this.#pass(reader, taken);
        if (this.#left === 0) this.#end(reader);
        return bytes.subarray(taken.length);
      }
      case "chunked":
        return this.#readChunk(reader, bytes);
    }
  }

  #readHead(reader: AnswerReader, bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf("\r\n\r\n");
    if (end < 0) {
      this.#rest = bytes;
      return undefined;
    }
    const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
    const after = bytes.subarray(end + 4);
    const status = Number(statusLine.slice(9, 12));
    if (status < 200) return after;
    const headers: string[] = [];
    let framing: Framing = "close";
    for (const line of lines) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).trim();
      switch (name.toLowerCase()) {
        case "content-length":
          framing = "length";
          this.#left = Number(value);
          break;
        case "transfer-encoding":
          framing = "chunked";
          this.#left = 0;
          continue;
        case "connection":
          this.#keepAlive = value.toLowerCase() !== "close";
          continue;
        case "keep-alive":
          continue;
      }
      headers.push(name, value);
    }
    this.#begun();
    reader.head(status, statusLine.slice(13), headers);
    this.#framing = framing;
    const bodyless = !this.#hasAnswerBody || status === 204 || status === 304;
    if (bodyless || (framing === "length" && this.#left === 0)) this.#end(reader);
    return after;
  }

  /** The answer has begun, or will not come. */
  #begun(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#pool.answered();
  }

  #readChunk(reader: AnswerReader, bytes: Buffer): Buffer | undefined {
    if (this.#left > 0) {
      // The chunk's data and, counted in, the line end behind it.
      const taken = bytes.subarray(0, this.#left);
      this.#left -= taken.length;
      const lineEnd = Math.max(0, 2 - this.#left);
      const data = taken.subarray(0, Math.max(0, taken.length - lineEnd));
      if (data.length > 0) this.#pass(reader, data);
      return bytes.subarray(taken.length);
    }
    const end = bytes.indexOf("\r\n");
    if (end < 0) {
      this.#rest = bytes;
      return undefined;
    }
    const size = Number.parseInt(bytes.toString("latin1", 0, end), 16);
    if (size > 0) {
      this.#left = size + 2;
      return bytes.subarray(end + 2);
    }
    if (bytes.length < end + 4) {
      this.#rest = bytes;
      return undefined;
    }
    this.#end(reader);
    return bytes.subarray(end + 4);
  }

  #pass(reader: AnswerReader, data: Buffer): void {
    if (!reader.data(data)) this.#socket.pause();
  }

  #end(reader: AnswerReader): void {
    if (this.#reader === undefined) return;
    this.#reader = undefined;
    this.#exchange?.over();
    const usable = this.#keepAlive && this.#requestDone;
    this.#socket.resume();
    if (!usable) this.#socket.destroy();
    reader.end();
    if (usable) this.#pool.free();
  }
}
