import { expect, it } from "vitest";
import { openProject } from "../project.ts";
import { decidePairs } from "./decide-pairs.ts";
import { readPairs } from "./read-pairs.ts";

it("asks the template's own program what it decides", async () => {
  const pairs = readPairs(
    "pairs",
    'a,b,same\nHow do I reset my password?,how can i reset my password,yes\n"Convert 100 USD to EUR","Convert 200 USD to EUR",no\n',
  );
  const [same, different] = await decidePairs(openProject(), pairs);
  expect(same).toMatchObject({ verdict: "same", reasons: [] });
  expect(different).toMatchObject({ verdict: "different", heldOnlyBy: ["number"] });
});

it("says so where the template is not there", async () => {
  await expect(decidePairs({ ...openProject(), root: "/nowhere" }, [])).rejects.toThrow(
    "edge-cache is not in this checkout",
  );
});
