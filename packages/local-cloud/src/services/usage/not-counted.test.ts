import { expect, it } from "vitest";
import { notCounted } from "./not-counted.ts";

it("names the Durable Objects whose rows nobody counts", () => {
  const durableObjects = ["Counted", "Hidden"].map((className) => ({ className, namespaceId: "n", sqlite: true }));
  const products = notCounted([{ script: "shop", durableObjects, countedClasses: ["Counted"] }]).map(
    ({ product }) => product,
  );
  expect(products).toContain("rows of the Durable Objects Hidden of shop");
  expect(products.join()).not.toContain("Objects Counted");
});
