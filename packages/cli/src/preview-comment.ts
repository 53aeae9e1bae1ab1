import type { PreviewReport } from "./preview-stacks/preview-report.ts";

/** By this a workflow finds its own comment again. */
export const COMMENT_MARK = "<!-- tenner-preview -->";
/** Changes that are shown; GitHub takes 65,536 characters. */
const MOST_CHANGES = 100;
const MOST_ERRORS = 10;

interface CommentLinks {
  readonly runUrl?: string | undefined;
  readonly screenshotsUrl?: string | undefined;
}

/**
 * The comment on a pull request: addresses, what was changed, what it may cost, pictures. Reports may come from code that
 * nobody has reviewed, so all their text is shown as code, whatever is in it.
 */
export function previewComment(reports: readonly PreviewReport[], links: CommentLinks = {}): string {
  const pictures = safeUrl(links.screenshotsUrl);
  const run = safeUrl(links.runUrl);
  const parts = [
    COMMENT_MARK,
    "## Preview",
    ...reports.flatMap(section),
    ...(pictures || run
      ? [[pictures && `[Screenshots](${pictures})`, run && `[log of the run](${run})`].filter(Boolean).join(" · ")]
      : []),
  ];
  return `${parts.join("\n\n")}\n`;
}

function section(report: PreviewReport): string[] {
  const place = report.where === "local" ? "In the local cloud" : "On Cloudflare";
  const seconds = Math.round(report.duration_ms / 1000);
  const state = { succeeded: `deployed in ${seconds} s`, failed: "**failed**", cancelled: "was cancelled" };
  return [
    `### ${place}: ${state[report.outcome]}`,
    ...(report.errors.length > 0 ? [errors(report.errors)] : []),
    ...(report.addresses.length > 0 ? [addresses(report)] : []),
    changes(report),
    ...(report.warnings.length > 0
      ? [
          report.warnings
            .slice(0, MOST_ERRORS)
            .map((line) => `- ${code(line)}`)
            .join("\n"),
        ]
      : []),
    ...(report.bill ? [bill(report.bill)] : []),
  ];
}

function errors(messages: readonly string[]): string {
  const more = messages.length - MOST_ERRORS;
  const lines = messages.slice(0, MOST_ERRORS).map((message) => `- ${code(message)}`);
  return [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
}

function addresses({ addresses: all, where, expires_at }: PreviewReport): string {
  const note =
    where === "local"
      ? "It ran inside the workflow and ended with it: these addresses were its own."
      : `It is taken away when the pull request closes, at the latest after ${code(expires_at)}.`;
  const rows = all.map(({ template, url }) => {
    const link = where === "account" ? safeUrl(url) : undefined;
    return `| ${code(template)} | ${link ? `<${link}>` : code(url)} |`;
  });
  return ["| template | address |", "|---|---|", ...rows, "", note].join("\n");
}

function changes({ changes: all, unchanged }: PreviewReport): string {
  const counts = new Map<string, number>();
  for (const { step } of all) counts.set(step, (counts.get(step) ?? 0) + 1);
  const sum = [...[...counts].map(([step, count]) => `${count} ${word(step)}`), `${unchanged} unchanged`].join(", ");
  if (all.length === 0) return `Resources: ${sum}.`;
  const more = all.length - MOST_CHANGES;
  const rows = all
    .slice(0, MOST_CHANGES)
    .map(({ step, type, name, paths }) => `| ${word(step)} | ${code(`${type} ${name}`)} | ${code(paths.join(", "))} |`);
  return [
    `<details><summary>Resources: ${sum}</summary>`,
    "",
    "| step | resource | properties |",
    "|---|---|---|",
    ...rows,
    ...(more > 0 ? [`| | and ${more} more | |`] : []),
    "",
    "</details>",
  ].join("\n");
}

function bill({ ceiling_usd, spent_usd }: NonNullable<PreviewReport["bill"]>): string {
  const usd = (amount: number) => `$${amount === 0 || amount >= 0.01 ? amount.toFixed(2) : amount.toPrecision(2)}`;
  return `Models: ${usd(spent_usd)} spent, at most ${usd(ceiling_usd)} a month.`;
}

/** A step's name: letters only, for it stands outside of code. */
function word(step: string): string {
  return step.replaceAll(/[^a-z-]/gi, "");
}

/** Text in which nothing is Markdown, HTML, a mention or the end of a table's cell. */
function code(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("`", "'").replaceAll("|", "\\|").trim().slice(0, 300);
  return line === "" ? "" : `\`${line}\``;
}

/** An http(s) address that cannot end the link it stands in. */
function safeUrl(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const { protocol, href } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") return undefined;
  return href.replaceAll(/[()<>|\s]/g, (character) =>
    encodeURIComponent(character).replace("(", "%28").replace(")", "%29"),
  );
}
