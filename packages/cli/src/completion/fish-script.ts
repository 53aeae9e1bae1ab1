import type { Place } from "./completion-for.ts";

/** For a file in fish's folder of completions. */
export function fishScript(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== "").map(({ path }) => quoted(path));
  const lines = places.flatMap(({ path, commands, options }) => {
    const here = `complete -c tenner -f -n "test (__tenner_place) = ${quoted(path)}"`;
    return [
      ...commands.map(({ name, does }) => `${here} -a ${name} -d ${quoted(does)}`),
      ...options.map(
        ({ name, short, description, takesValue }) =>
          `${here} -l ${name}${short === undefined ? "" : ` -s ${short}`}${takesValue ? " -r" : ""} -d ${quoted(description)}`,
      ),
    ];
  });
  return `function __tenner_place
  set -l place ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$place $word")
    contains -- $next ${paths.join(" ")}; and set place $next
  end
  echo "$place"
end
${lines.join("\n")}
complete -c tenner -l help -s h -d 'How it is used'
`;
}

/** In single quotes only they themselves and the backslash are special. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", " ")}'`;
}
