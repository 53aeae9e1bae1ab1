import { describe, expect, it } from "vitest";
import { COMMENT_MARK, previewComment } from "./preview-comment.ts";
import type { PreviewReport } from "./preview-stacks/preview-report.ts";

const report = (parts: Partial<PreviewReport> = {}): PreviewReport => ({
  pull_request: 7,
  stack: "pr-7",
  where: "account",
  outcome: "succeeded",
  duration_ms: 8_400,
  expires_at: "2026-11-24T12:00:00.000Z",
  addresses: [{ template: "event-agent", url: "https://tenner-pr-7-event-agent.acme.workers.dev" }],
  changes: [
    { step: "create", type: "Queue", name: "jobs", paths: [] },
    { step: "update", type: "WorkersScript", name: "event-agent", paths: ["contentSha256", "bindings"] },
  ],
  unchanged: 12,
  bill: { ceiling_usd: 1, spent_usd: 0.0012 },
  errors: [],
  warnings: [],
  ...parts,
});

describe("the comment on a pull request", () => {
  it("has the addresses, what was changed, what it may cost, and where pictures and log are", () => {
    const text = previewComment([report()], {
      runUrl: "https://github.com/acme/shop/actions/runs/1",
      screenshotsUrl: "https://github.com/acme/shop/actions/runs/1/artifacts/2",
    });
    expect(text.startsWith(COMMENT_MARK)).toBe(true);
    for (const part of [
      "### On Cloudflare: deployed in 8 s",
      "| `event-agent` | <https://tenner-pr-7-event-agent.acme.workers.dev/> |",
      "Resources: 1 create, 1 update, 12 unchanged",
      "| update | `WorkersScript event-agent` | `contentSha256, bindings` |",
      "Models: $0.0012 spent, at most $1.00 a month.",
      "[Screenshots](https://github.com/acme/shop/actions/runs/1/artifacts/2)",
      "[log of the run](https://github.com/acme/shop/actions/runs/1)",
      "at the latest after `2026-11-24T12:00:00.000Z`",
    ]) {
      expect(text).toContain(part);
    }
  });

  it("says of a local cloud that its addresses are gone", () => {
    const text = previewComment([report({ where: "local" })]);
    expect(text).toContain("In the local cloud");
    expect(text).toContain("ended with it");
    expect(text).toContain("| `https://tenner-pr-7-event-agent.acme.workers.dev` |");
  });

  it("says why a preview failed", () => {
    const text = previewComment([
      report({ outcome: "failed", addresses: [], errors: ["own-names: Queue jobs is named x", "and more"] }),
    ]);
    expect(text).toContain("On Cloudflare: **failed**");
    expect(text).toContain("- `own-names: Queue jobs is named x`\n- `and more`");
  });

  it("is short enough for GitHub, whatever is in the report", () => {
    const changes = Array.from({ length: 5_000 }, (_, index) => ({
      step: "create",
      type: "Queue",
      name: `${index}-${"x".repeat(1_000)}`,
      paths: [],
    }));
    const text = previewComment([report({ changes, errors: Array.from({ length: 500 }, () => "e".repeat(5_000)) })]);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("and 4900 more");
  });

  it.each([
    ["HTML", "<img src=x onerror=alert(1)>"],
    ["a link", "[free](https://evil.example)"],
    ["a mention", "@everyone"],
    ["the end of code", "` <b>bold</b> `"],
    ["the end of a row", "x | <b>y</b>\n\n# heading"],
  ])("shows %s from a report as the text it is", (_, text) => {
    const hostile = report({
      addresses: [{ template: text, url: text }],
      changes: [{ step: text, type: text, name: text, paths: [text] }],
      errors: [text],
      warnings: [text],
    });
    const outside = previewComment([hostile])
      .replaceAll(/`[^`\n]*`/g, "")
      .split("\n");
    for (const line of outside) {
      expect(line.replaceAll(/<\/?(details|summary)>/g, "").replace(COMMENT_MARK, "")).not.toMatch(/[<@[]|^# /);
    }
  });

  it("links to nothing but the web", () => {
    expect(previewComment([], { runUrl: "javascript:alert(1)", screenshotsUrl: "https://x.example/a)b" })).not.toMatch(
      /javascript|a\)b/,
    );
  });
});
