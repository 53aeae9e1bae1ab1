import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";

it("closes in a process that has nothing else to do", async () => {
  const directory = await mkdtemp(join(tmpdir(), "checkpoints-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const program = `
    import { checkpoints } from ${here("./checkpoints.ts")};
    import { Store } from ${here("./store.ts")};
    const store = new Store(${JSON.stringify(join(directory, "store.sqlite"))});
    await checkpoints(store).close();
    store.close();
    console.log("closed");`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  expect(stdout).toBe("closed\n");
});
