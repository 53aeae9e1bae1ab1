import { describe, expect, it } from "vitest";
import {
  parsePullRequest,
  parsePullRequests,
  previewStack,
  pullRequestOfResource,
  pullRequestOfStack,
} from "./preview-name.ts";

describe("the number of a pull request", () => {
  it.each([undefined, "", "0", "07", "-1", "1.5", "7 --stack production", "production", "../7", "1e3", "9999999999"])(
    "is not %s",
    (text) => {
      expect(() => parsePullRequest(text)).toThrow(/^--pr .*is the number of a pull request/);
    },
  );

  it("comes alone or in a list, which may be empty", () => {
    expect(parsePullRequest("123")).toBe(123);
    expect(parsePullRequests("1, 22\n333")).toEqual([1, 22, 333]);
    expect(parsePullRequests("")).toEqual([]);
    expect(() => parsePullRequests("1,x")).toThrow("--open: x is no number");
  });
});

describe("what is a preview's", () => {
  it("is known by its stack, and no other stack is taken for one", () => {
    expect(pullRequestOfStack(previewStack(7))).toBe(7);
    for (const stack of ["production", "local", "pr-", "pr-0", "pr-07", "pr-7-x", "xpr-7", "PR-7", "tenner-pr-7"]) {
      expect(pullRequestOfStack(stack)).toBeUndefined();
    }
  });

  it("is known by its name in the account, and nothing of production is taken for it", () => {
    expect(pullRequestOfResource("tenner-pr-7-event-agent")).toBe(7);
    expect(pullRequestOfResource("tenner-pr-77-event-agent")).toBe(77);
    for (const name of [
      "tenner-production-event-agent",
      "tenner-production-pr-7-files",
      "my-tenner-pr-7-files",
      "tenner-pr-7",
      "tenner-pr-07-files",
      "tenner-pr-x-7-files",
      "tenner-prod-7-files",
      "Tenner-pr-7-files",
    ]) {
      expect(pullRequestOfResource(name)).toBeUndefined();
    }
  });
});
