import type { Place } from "./completion-for.ts";

/** For bash 3.2 and newer, without the package bash-completion. */
export function bashScript(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== "").map(({ path }) => `"${path}"`);
  const words = places.map(
    ({ path, commands, options }) =>
      `    "${path}") words="${[...commands.map(({ name }) => name), ...options.map(({ name }) => `--${name}`), "--help"].join(" ")}" ;;`,
  );
  return `_tenner() {
  local path="" next word words="" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    next="\${path:+$path }$word"
    case "$next" in
      ${paths.join("|")}) path="$next" ;;
    esac
  done
  case "$path" in
${words.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tenner tenner ./tenner
`;
}
