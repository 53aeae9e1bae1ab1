import { type Place, placesWithWords } from "./place.ts";

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
  const known = placesWithWords(places);
  const takers = known.flatMap(({ path, takers }) => takers.map((taker) => quoted(`${path} ${taker}`)));
  const words = known.flatMap(({ path, argumentWords }) =>
    argumentWords.map(
      ({ position, words }) =>
        `complete -c tenner -f -n "test (__tenner_given) = ${quoted(`${path} ${position}`)}" -a ${quoted(words.join(" "))}`,
    ),
  );
  return `function __tenner_given
  set -l place ''
  set -l before ''
  set -l given 0
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$place $word")
    if contains -- $next ${paths.join(" ")}
      set place $next
      set given 0
      continue
    end
    if not string match -q -- '-*' $word; and not contains -- "$place $before" ${takers.join(" ")}
      set given (math $given + 1)
    end
    set before $word
  end
  echo "$place $given"
end
function __tenner_place
  set -l place ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$place $word")
    contains -- $next ${paths.join(" ")}; and set place $next
  end
  echo "$place"
end
${[...lines, ...words].join("\n")}
complete -c tenner -l help -s h -d 'How it is used'
`;
}

/** In single quotes only they themselves and the backslash are special. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", " ")}'`;
}
