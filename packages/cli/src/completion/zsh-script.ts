import { type Place, placesWithWords } from "./place.ts";

/** A function for a folder of zsh's `fpath`; read by `source` or `eval` it registers itself, too. */
export function zshScript(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== "").map(({ path }) => `"${path}"`);
  const branches = places.map(({ path, commands, options }) => {
    const entries = [
      ...commands.map(({ name, does }) => entry(name, does)),
      ...options.map(({ name, description }) => entry(`--${name}`, description)),
      entry("--help", "How it is used"),
    ];
    return `    "${path}") entries=(${entries.join(" ")}) ;;`;
  });
  const known = placesWithWords(places);
  const takers = known.flatMap(({ path, takers }) => takers.map((taker) => `"${path} ${taker}"`));
  const given = known.flatMap(({ path, argumentWords }) =>
    argumentWords.map(
      ({ position, words }) =>
        `    "${path} ${position}") entries=(${words.map((word) => entry(word, "")).join(" ")} $entries) ;;`,
    ),
  );
  return `#compdef tenner
_tenner() {
  local place="" next word before="" given=0
  local -a entries
  for word in "\${(@)words[2,CURRENT-1]}"; do
    next="\${place:+$place }$word"
    case "$next" in
      ${paths.join("|")}) place="$next"; given=0; continue ;;
    esac
    case "$word" in
      -*) ;;
      *) case "$place $before" in ${takers.join("|")}) ;; *) given=$((given + 1)) ;; esac ;;
    esac
    before="$word"
  done
  case "$place" in
${branches.join("\n")}
  esac
  case "$place $given" in
${given.join("\n")}
  esac
  _describe tenner entries || _files
}
if [ "$funcstack[1]" = "_tenner" ]; then _tenner "$@"; else compdef _tenner tenner ./tenner; fi
`;
}

/** In single quotes nothing is special but themselves; `_describe` splits at the first colon. */
function entry(name: string, text: string): string {
  return `'${name}:${text.replaceAll("'", "’").replaceAll("\n", " ")}'`;
}
