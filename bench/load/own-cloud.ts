import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createCloud } from "@tenner/local-cloud";

/** What this script says. */
export interface OwnCloud {
  readonly url: string;
  readonly apiUrl: string;
  readonly token: string;
  /** Of a paid account. */
  readonly accountId: string;
}

/** A local cloud in front of the OpenAI-compatible server that the command line names. The script of a process. */
const directory = mkdtempSync(path.join(tmpdir(), "tenner-bench-"));
const [upstreamUrl] = process.argv.slice(2);
const cloud = await createCloud({ directory, port: 0, ...(upstreamUrl && { upstreamUrl }) });
const account = cloud.account({ name: "bench", plan: "paid" });
const said: OwnCloud = { url: cloud.url, apiUrl: cloud.apiUrl, token: cloud.token, accountId: account.id };
process.send?.(said);
process.once("disconnect", () => {
  void cloud.close().then(() => rmSync(directory, { recursive: true, force: true }));
});
