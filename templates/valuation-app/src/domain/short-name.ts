const LONGEST_NAME = 64;

/** The beginning of a description, cut between words. */
export function shortName(description: string): string {
  const [line = ""] = description.split("\n");
  const characters = Array.from(line.replace(/\s+/gu, " ").trim());
  if (characters.length <= LONGEST_NAME) return characters.join("");
  const cut = characters.slice(0, LONGEST_NAME - 1).join("");
  const space = cut.lastIndexOf(" ");
  return `${(space > LONGEST_NAME / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:.–-]+$/u, "")}…`;
}
