/** Files on their way out: opened once, sent from disk in pieces, closed whatever happens. */
import type { Effect, Input } from "../core/protocol.ts";
import { describe } from "./transport.ts";

/** An open file. Its path is out of reach from here on: what was checked is what is sent. */
export type OpenFile = {
  size: number;
  /** Fills `into` with the bytes from there on; resolves with their number. */
  read(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
};

type OpenOrder = Extract<Effect, { kind: "openFile" }>;
type UploadOrder = Extract<Effect, { kind: "upload" }>;
type FileFact = Extract<Input, { file: number }>;
/** Opens what an order names; rejects with words that name no path. */
type Opener = (order: OpenOrder, signal: AbortSignal) => Promise<OpenFile>;

/** Camera pictures keep their size behind a preview of up to 64 KB. */
const HEAD_BYTES = 128 * 1024;
/** The last page of an Ogg stream, and mostly the index of an MP4. */
const TAIL_BYTES = 64 * 1024;
const PIECE_BYTES = 256 * 1024;
/**
 * Pieces in memory, filled again and again: fresh ones would pile up to the size of the file before they are collected.
 * `fetch` asks for a piece when the socket has written the one before; the others are for what it may hold beside that.
 */
const PIECES = 4;
/** How often the core hears that a file moves. */
const REPORT_BYTES = 1024 * 1024;
/** Answers of object stores are short; the rest is discarded. */
const MOST_ANSWER_BYTES = 64 * 1024;

type Entry = { abort: AbortController; opened: Promise<OpenFile> };

/** The open files of one life. */
export class OutgoingFiles {
  readonly #files = new Map<number, Entry>();
  readonly #tell: (fact: FileFact) => void;

  constructor(tell: (fact: FileFact) => void) {
    this.#tell = tell;
  }

  open(order: OpenOrder, opener: Opener): void {
    const { file } = order;
    const abort = new AbortController();
    const opened = opener(order, abort.signal);
    this.#files.set(file, { abort, opened });
    void opened.then(look).then(
      (facts) => this.#tell({ kind: "fileOpened", file, ...facts }),
      (error: unknown) => this.#tell({ kind: "fileOpened", file, error: describe(error) }),
    );
  }

  upload(order: UploadOrder): void {
    const { file } = order;
    const entry = this.#files.get(file);
    if (!entry) return;
    void this.#send(order, entry).then(
      (answer) => this.#tell({ kind: "fileUploaded", file, ...answer }),
      (error: unknown) => this.#tell({ kind: "fileUploaded", file, body: describe(error) }),
    );
  }

  close(file: number): void {
    const entry = this.#files.get(file);
    this.#files.delete(file);
    entry?.abort.abort();
    // A file that could not be opened, or not be closed, is none of ours any more.
    entry?.opened.then((opened) => opened.close()).catch(() => undefined);
  }

  closeAll(): void {
    for (const file of this.#files.keys()) this.close(file);
  }

  async #send(
    { file, transfer }: UploadOrder,
    { abort, opened }: Entry,
  ): Promise<{ status: number; body: string; retryAfter?: string }> {
    const { method, url, headers, before, after } = transfer;
    const source = await opened;
    const [start, end] = [Buffer.from(before), Buffer.from(after)];
    const moved = (bytes: number) => this.#tell({ kind: "fileMoved", file, bytes });
    const length = String(start.length + source.size + end.length);
    const response = await fetch(url, {
      method,
      headers: [...headers, ["content-length", length]],
      body: ReadableStream.from(pieces(source, start, end, moved)),
      // A redirect would carry the credentials to wherever it points.
      redirect: "manual",
      signal: abort.signal,
      duplex: "half",
    });
    const retryAfter = response.headers.get("retry-after");
    const answer = { status: response.status, body: await textOf(response) };
    return retryAfter === null ? answer : { ...answer, retryAfter };
  }
}

/** The beginning and the end, by which the core tells what it is. */
async function look(file: OpenFile): Promise<{ size: number; head: string; tail: string }> {
  const { size } = file;
  const some = async (length: number, position: number) => {
    const into = Buffer.alloc(length);
    return into.subarray(0, await file.read(into, position)).toString("base64");
  };
  const first = Math.min(size, HEAD_BYTES);
  const last = Math.min(size - first, TAIL_BYTES);
  return { size, head: await some(first, 0), tail: await some(last, size - last) };
}

async function* pieces(
  file: OpenFile,
  start: Uint8Array,
  end: Uint8Array,
  moved: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  if (start.length > 0) yield start;
  const room = new Uint8Array(PIECES * PIECE_BYTES);
  let [reported, turn] = [0, 0];
  for (let at = 0; at < file.size; turn = (turn + 1) % PIECES) {
    const from = turn * PIECE_BYTES;
    const into = room.subarray(from, from + Math.min(PIECE_BYTES, file.size - at));
    const read = await file.read(into, at);
    if (read === 0) throw new Error("the file became shorter while it was sent");
    yield into.subarray(0, read);
    at += read;
    if (at - reported >= REPORT_BYTES) {
      reported = at;
      moved(at);
    }
  }
  if (end.length > 0) yield end;
}

async function textOf(response: Response): Promise<string> {
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    read.push(piece);
    length += piece.length;
    if (length > MOST_ANSWER_BYTES) break;
  }
  return Buffer.concat(read).toString("utf8", 0, MOST_ANSWER_BYTES);
}
