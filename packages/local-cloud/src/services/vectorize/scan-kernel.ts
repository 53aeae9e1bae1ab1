/**
 * The inner loop of the search, in WebAssembly with 128-bit SIMD: plain JavaScript multiplies in 64-bit floats, one at a
 * time, and takes four to six times as long. Small enough to be assembled here. Both functions read as this text, with
 * `term` being `x * y` (dot product) or `(x - y) * (x - y)` (squared distance):
 *
 * ```wat
 * (func (param $rows i32) (param $count i32) (param $query i32) (param $bytes i32) (param $out i32)
 *       (local $row i32) (local $end i32) (local $at i32) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
 *   (block $done
 *     (loop $each
 *       (br_if $done (i32.eqz (local.get $count)))
 *       (local.set $row (i32.load (local.get $rows)))
 *       (local.set $end (i32.add (local.get $row) (local.get $bytes)))
 *       (local.set $at (local.get $query))
 *       ;; $a … $d := 0
 *       (loop $lanes                        ;; 16 numbers a turn, into four independent sums
 *         (local.set $a (f32x4.add (local.get $a) term(v128.load $row, v128.load $at)))
 *         ;; … $b at offset 16, $c at 32, $d at 48
 *         (local.set $row (i32.add (local.get $row) (i32.const 64)))
 *         (local.set $at (i32.add (local.get $at) (i32.const 64)))
 *         (br_if $lanes (i32.lt_u (local.get $row) (local.get $end))))
 *       (local.set $a (f32x4.add (f32x4.add $a $b) (f32x4.add $c $d)))
 *       (f32.store (local.get $out) ;; the sum of the four lanes of $a
 *       ;; $rows += 4, $out += 4, $count -= 1
 *       (br $each))))
 * ```
 */

/** Scores rows of the shared memory. All arguments but `count` are byte addresses or byte lengths. */
type Scan = (rows: number, count: number, query: number, bytes: number, out: number) => void;

/** The compiled kernel on one memory. */
export interface ScanKernel {
  /** Dot products of the query with `count` rows, whose addresses (uint32) are at `rows`, as float32 at `out`. */
  readonly dot: Scan;
  /** Squared Euclidean distances, likewise. */
  readonly distance: Scan;
}

/** Numbers that a turn of the inner loop takes: rows are padded with zeros to a multiple of it. */
export const LANES = 16;

/** @param memory shared between the threads that scan. */
export function createScanKernel(memory: WebAssembly.Memory): ScanKernel {
  // In a Worker's types, by which a template's tests are checked, nobody can make one.
  const Module = WebAssembly.Module as unknown as new (code: BufferSource) => WebAssembly.Module;
  const instance = new WebAssembly.Instance(new Module(assemble()), { e: { m: memory } });
  // The two exports that are assembled below.
  return instance.exports as unknown as ScanKernel;
}

const [ROWS, COUNT, QUERY, BYTES, OUT, ROW, END, AT, A, B, C, D, X] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
] as const;
const [I32, V128, FUNCTION] = [0x7f, 0x7b, 0x60];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const constant = (value: number) => [0x41, ...signed(value)];
const simd = (opcode: number) => [0xfd, ...unsigned(opcode)];
const ADD = 0x6a;
const SUBTRACT = 0x6b;
const F32X4_ADD = simd(0xe4);
const F32X4_SUBTRACT = simd(0xe5);
const F32X4_MULTIPLY = simd(0xe6);
/** `v128.load` of sixteen bytes at a local plus an offset. */
const load = (local: number, offset: number) => [...get(local), ...simd(0x00), 4, offset];
const increase = (local: number, by: number) => [...get(local), ...constant(by), ADD, ...set(local)];

const TERMS: Readonly<Record<keyof ScanKernel, (offset: number) => number[]>> = {
  dot: (offset) => [...load(ROW, offset), ...load(AT, offset), ...F32X4_MULTIPLY],
  distance: (offset) => [
    ...[...load(ROW, offset), ...load(AT, offset), ...F32X4_SUBTRACT, ...set(X)],
    ...[...get(X), ...get(X), ...F32X4_MULTIPLY],
  ],
};

function body(term: (offset: number) => number[]): number[] {
  const sums = [A, B, C, D];
  const lane = (index: number) => [...get(A), ...simd(0x1f), index];
  const code = [
    ...[0x02, 0x40, 0x03, 0x40],
    ...[...get(COUNT), 0x45, 0x0d, 1],
    ...[...get(ROWS), 0x28, 2, 0, ...set(ROW)],
    ...[...get(ROW), ...get(BYTES), ADD, ...set(END)],
    ...[...get(QUERY), ...set(AT)],
    ...sums.flatMap((sum) => [...simd(0x0c), ...Array<number>(16).fill(0), ...set(sum)]),
    ...[0x03, 0x40],
    ...sums.flatMap((sum, index) => [...get(sum), ...term(index * 16), ...F32X4_ADD, ...set(sum)]),
    ...increase(ROW, 64),
    ...increase(AT, 64),
    ...[...get(ROW), ...get(END), 0x49, 0x0d, 0, 0x0b],
    ...[...get(A), ...get(B), ...F32X4_ADD, ...get(C), ...get(D), ...F32X4_ADD, ...F32X4_ADD, ...set(A)],
    ...[...get(OUT), ...lane(0), ...lane(1), 0x92, ...lane(2), ...lane(3), 0x92, 0x92, 0x38, 2, 0],
    ...increase(ROWS, 4),
    ...increase(OUT, 4),
    ...[...get(COUNT), ...constant(1), SUBTRACT, ...set(COUNT)],
    ...[0x0c, 0, 0x0b, 0x0b, 0x0b],
  ];
  const locals = [2, 3, I32, 5, V128];
  return [...unsigned(locals.length + code.length), ...locals, ...code];
}

function assemble(): Uint8Array<ArrayBuffer> {
  const names = ["dot", "distance"] as const;
  const section = (id: number, content: number[]) => [id, ...unsigned(content.length), ...content];
  const text = (value: string) => [value.length, ...Buffer.from(value)];
  const bodies = names.flatMap((name) => body(TERMS[name]));
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, FUNCTION, 5, I32, I32, I32, I32, I32, 0]),
    // The memory is shared, with any size up to 4 GiB.
    ...section(2, [1, ...text("e"), ...text("m"), 0x02, 0x03, ...unsigned(0), ...unsigned(65536)]),
    ...section(3, [names.length, 0, 0]),
    ...section(7, [names.length, ...names.flatMap((name, index) => [...text(name), 0x00, index])]),
    ...section(10, [names.length, ...bodies]),
  ]);
}

/** LEB128, as WebAssembly writes numbers. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
