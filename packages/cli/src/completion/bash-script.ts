import { type Place, placesWithWords } from "./place.ts";

/** For bash 3.2 and newer, without the package bash-completion. */
export function bashScript(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== "").map(({ path }) => `"${path}"`);
  const words = places.map(
    ({ path, commands, options }) =>
      `    "${path}") words="${[...commands.map(({ name }) => name), ...options.map(({ name }) => `--${name}`), "--help"].join(" ")}" ;;`,
  );
  const known = placesWithWords(places);
  const takers = known.flatMap(({ path, takers }) => takers.map((taker) => `"${path} ${taker}"`));
  const given = known.flatMap(({ path, argumentWords }) =>
    argumentWords.map(({ position, words }) => `    "${path} ${position}") words="${words.join(" ")} $words" ;;`),
  );
  return `_tenner() {
  local path="" next word before="" words="" given=0 index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    next="\${path:+$path }$word"
    case "$next" in
      ${paths.join("|")}) path="$next"; given=0; continue ;;
    esac
    case "$word" in
      =) continue ;;
      -*) ;;
      *) case "$path $before" in ${takers.join("|")}) ;; *) given=$((given + 1)) ;; esac ;;
    esac
    before="$word"
  done
  case "$path" in
${words.join("\n")}
  esac
  case "$path $given" in
${given.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tenner tenner ./tenner
`;
}
