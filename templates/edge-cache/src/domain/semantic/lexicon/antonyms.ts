/** Opposites, in base form and after synonyms: one on each side makes two different questions. */
const PAIRS = `
  enable disable|begin stop|begin end|start end|open close|lock unlock|increase reduce|buy sell|on off|up down|in out|add delete|add subtract|login logout
  install uninstall|connect disconnect|subscribe unsubscribe|encrypt decrypt|encode decode|encoded decoded|upload download|import export
  push pull|send receive|give take|lend borrow|win lose|gain lose|save spend|accept reject|approve deny|allow forbid|allow block
  show hide|expand collapse|zoom shrink|before after|early late|earlier later|above below|over under|inside outside|with without|for against
  from to|first last|next previous|left right|north south|east west|top bottom|front back|high low|higher lower|highest lowest|long short
  longer shorter|longest shortest|tall short|big small|bigger smaller|biggest smallest|fast slow|faster slower|fastest slowest|cheap expensive|cheaper dearer
  cheapest dearest|hot cold|hotter colder|hottest coldest|warm cool|heavy light|thick thin|wide narrow|deep shallow|strong weak|hard simple
  hard soft|rich poor|wealthy poor|old young|old new|older younger|oldest youngest|oldest newest|good bad|better worse|best worst|more less|more fewer
  most least|max min|maximum minimum|many few|all none|always never|legal illegal|safe dangerous|safe unsafe|possible impossible|true false|right wrong
  correct wrong|advantage disadvantage|pro con|cause effect|question answer|input output|ascending descending|public private|positive negative
  male female|man woman|boy girl|husband wife|mother father|brother sister|son daughter|king queen|day night|morning evening|sunrise sunset
  summer winter|spring fall|arrive depart|arrival departure|enter exit|push pull|raise lower|rise fall|grow shrink|inhale exhale|freeze thaw
  melt freeze|wet dry|full empty|loud quiet|clean dirty|visible invisible|active inactive|valid invalid|include exclude|attach detach
  mount unmount|compress decompress|zip unzip|grant revoke|create delete|create destroy|make destroy|build destroy|lose find|remember forget
  love hate|like dislike|pass fail|succeed fail|profit loss|debit credit|income expense|asset liability|supply demand|employer employee
  teacher student|parent child|buyer seller|landlord tenant|lender borrower|mute unmute|follow unfollow|pin unpin|archive unarchive
  horizontal vertical|row column|rows columns|prefix suffix|even odd|minor major|internal external|domestic international|synonym antonym|prevent cause|sync async
  synchronous asynchronous|deposit withdraw|frozen fresh|raw cooked|dead alive|die live|born die|multiply divide|plus minus|sum difference|client server|tighten loosen
`;

const OPPOSITES = new Set(
  PAIRS.split(/[|\n]/).flatMap((line) => {
    const [one, other] = line.trim().split(/\s+/);
    return one === undefined || other === undefined ? [] : [`${one} ${other}`, `${other} ${one}`];
  }),
);

const NEGATING = /^(?:un|in|im|il|ir|non-?|dis|de|anti-?)/;

/** Whether the two words are opposites: by the list, or one is the other with "un", "dis", "non" … before it. */
export function opposite(one: string, other: string): boolean {
  if (OPPOSITES.has(`${one} ${other}`)) return true;
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length > 3 && long.endsWith(short) && NEGATING.test(long) && long.replace(NEGATING, "") === short;
}
