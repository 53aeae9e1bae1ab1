/** How one customer's upgrade has ended. */
export type Upgraded = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** How an upgrade of several goes on. */
export interface WavesOptions {
  /** Goes first and alone; when it fails, nobody else is touched. Left out: nobody does. */
  readonly canary?: string | undefined;
  /** Customers of a wave, which are upgraded at the same time. */
  readonly parallel: number;
  /** No further wave once one has failed. */
  readonly stopOnFailure: boolean;
  /** Aborted: no further wave. */
  readonly signal: AbortSignal;
  /** Upgrades one customer. */
  readonly upgrade: (name: string) => Promise<Upgraded>;
  /** Called before each wave. */
  readonly onWave?: (wave: { readonly names: readonly string[]; readonly number: number; readonly of: number }) => void;
}

/** What has become of each. */
export interface WavesResult {
  readonly done: readonly string[];
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
  readonly notTried: readonly string[];
}

/** Upgrades customers in waves: the canary, then `parallel` at a time. */
export async function upgradeInWaves(names: readonly string[], options: WavesOptions): Promise<WavesResult> {
  const { canary, parallel, stopOnFailure, signal, upgrade, onWave } = options;
  const waves = wavesOf(names, canary, parallel);
  const done: string[] = [];
  const failed: { name: string; reason: string }[] = [];
  for (const [index, wave] of waves.entries()) {
    if (signal.aborted) break;
    onWave?.({ names: wave, number: index + 1, of: waves.length });
    await Promise.all(
      wave.map(async (name) => {
        const result = await upgrade(name);
        if (result.ok) done.push(name);
        else failed.push({ name, reason: result.reason });
      }),
    );
    if (failed.length > 0 && (stopOnFailure || (index === 0 && wave[0] === canary))) break;
  }
  const tried = new Set([...done, ...failed.map(({ name }) => name)]);
  return { done, failed, notTried: names.filter((name) => !tried.has(name)) };
}

function wavesOf(names: readonly string[], canary: string | undefined, parallel: number): string[][] {
  const first = canary !== undefined && names.includes(canary) ? [[canary]] : [];
  const others = names.filter((name) => first.length === 0 || name !== canary);
  const waves = Array.from({ length: Math.ceil(others.length / parallel) }, (_, wave) =>
    others.slice(wave * parallel, (wave + 1) * parallel),
  );
  return [...first, ...waves];
}
