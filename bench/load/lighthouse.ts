import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const VERSION = "13.5.0";
const ENTRY = "node_modules/lighthouse/cli/index.js";
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Points of a hundred by category, and what cost points. */
export interface Scores {
  readonly points: Readonly<Record<string, number>>;
  readonly complaints: readonly string[];
}

/** Lighthouse's report, as far as it is read. */
interface Report {
  readonly categories: Readonly<
    Record<
      string,
      {
        readonly title: string;
        readonly score: number;
        readonly auditRefs: readonly { readonly id: string; readonly weight: number }[];
      }
    >
  >;
  readonly audits: Readonly<
    Record<string, { readonly title: string; readonly score: number | null; readonly displayValue?: string }>
  >;
}

/**
 * What Lighthouse says of a page on a slow phone, its default. Installed beside the checkout at the first use: only this
 * bench needs it. Undefined where there is no Chromium.
 *
 * @param skipped audits by their ids
 */
export async function lighthouse(url: string, cookie: string, skipped: readonly string[]): Promise<Scores | undefined> {
  const browser = [process.env["CHROMIUM_PATH"], ...BROWSERS].find((file) => file && existsSync(file));
  if (!browser) return undefined;
  const folder = path.join(tmpdir(), `bench-lighthouse-${VERSION}`);
  if (!existsSync(path.join(folder, ENTRY))) {
    const options = ["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
    execFileSync("npm", ["install", ...options, `lighthouse@${VERSION}`], { stdio: "ignore" });
  }
  const output = mkdtempSync(path.join(tmpdir(), "tenner-bench-"));
  try {
    const file = path.join(output, "report.json");
    const sandbox = process.getuid?.() === 0 ? " --no-sandbox" : "";
    const look = () =>
      promisify(execFile)(
        process.execPath,
        [
          path.join(folder, ENTRY),
          url,
          "--quiet",
          "--output=json",
          ...skipped.map((id) => `--skip-audits=${id}`),
          `--output-path=${file}`,
          `--extra-headers=${JSON.stringify({ Cookie: cookie })}`,
          `--chrome-flags=--headless=new --disable-dev-shm-usage${sandbox}`,
        ],
        { env: { ...process.env, CHROME_PATH: browser }, maxBuffer: 1 << 26 },
      );
    // Now and then it misses the beginning of its own trace, and says to run it again; on a busy machine more than once.
    await look().catch(look).catch(look).catch(look);
    return scoresOf(JSON.parse(readFileSync(file, "utf8")) as Report); // Lighthouse's own
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

function scoresOf({ categories, audits }: Report): Scores {
  const points: Record<string, number> = {};
  const complaints: string[] = [];
  for (const { title, score, auditRefs } of Object.values(categories)) {
    points[title] = Math.round(score * 100);
    for (const { id, weight } of auditRefs) {
      const audit = audits[id];
      if (weight > 0 && audit?.score !== null && audit !== undefined && audit.score < 1) {
        complaints.push(`${title}: ${audit.title} ${audit.displayValue ?? ""} (${audit.score})`);
      }
    }
  }
  return { points, complaints };
}
