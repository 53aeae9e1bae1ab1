import { words } from "./function-words.ts";

/**
 * Things a person does step by step and asks the way to: "cancelling an order" asks how to do it. What an assistant does itself when
 * told to (write, translate, list, convert, calculate …) is not here: "write a poem" is not "how do I write a poem".
 */
export const TASKS = words(`
  access activate add append adjust adopt allow appeal apply approve archive assemble assign attach authorize avoid backup bleach block boost
  book build buy cancel center change check chop choose claim clean clear close combine configure connect contact contest concatenate convert copy correct
  create customize cut deactivate declare deduplicate defrost delete deploy descale detect disable disconnect dismantle dispose dispute
  download downgrade duplicate edit embed enable empty encrypt enlarge enroll erase exchange exit export extend factory-reset file fix fold format freeze free
  generate get grow handle hang hide implement import improve increase initialize insert inspect install integrate iterate join jump jump-start kill lower make
  manage measure merge migrate mount mute move mute open optimize order parse peel overcome pair paste patch pause pay pin plant polish prepare
  prevent print protect prune publish put raise reactivate rebase receive recover redeem reduce refinance refund register relieve remove
  rename renew rent repair replace report request reschedule reserve reset resize resolve restart restore resume retrieve
  return reverse revert revoke rotate run save schedule secure sell send set setup sharpen share shrink shut sign sort split squash
  stop store submit subscribe switch sync tie track trademark transfer treat trim turn thaw quit unblock unclog unmute undo unfreeze uninstall unlink unlock
  unsubscribe untangle update upgrade upload use validate verify wash withdraw write`);

/** Too much the assistant's own work to be asked the way to by a bare command. */
export const OWN_WORK = words(
  "write make create generate get use check choose correct format sort convert concatenate edit build run set send prepare",
);

/** From the noun of a deed to its verb. */
export const DEED_OF: ReadonlyMap<string, string> = new Map(
  `installation install|install install|registration register|cancelation cancel|cancellation cancel|renewal renew|removal remove|activation activate|deactivation deactivate
  creation create|conversion convert|preparation prepare|concatenation concatenate|deletion delete|booking book|reservation reserve|calculation calculate
  verification verify|migration migrate|withdrawal withdraw|submission submit|enrollment enroll|prevention prevent|recovery recover|restoration restore
  validation validate|deployment deploy|initialization initialize|iteration iterate|reset reset|update update|upgrade upgrade|download download
  upload upload|backup backup|export export|import import|transfer transfer|setup setup|tracking track|filing file|replacement replace|removing remove
  assembly assemble|disposal dispose|repair repair|maintenance maintain|adoption adopt|extension extend|reactivation reactivate|formatting format
  encryption encrypt|merging merge|sorting sort|parsing parse|compression compress|synchronization sync|authentication authenticate|application apply-for|change change|switch switch|measurement measure|adjustment adjust|adoption adopt|purchase buy|cleaning clean|sharing share|removal remove|optimization optimize|selection choose`
    .split(/[|\n]/)
    .map((line): [string, string] => {
      const [noun = "", verb = ""] = line.trim().split(/\s+/);
      return [noun, verb.replace("-", " ")];
    }),
);

/** Something happens to one in these; nobody asks how it is done. */
export const STATES = words(`
  have be feel think want need know see miss forget lose fail die like love hate fear dream suffer experience hear become seem look
  live exist belong remain stay wait hope regret`);

/** What one should choose is not the way to do it. */
export const CHOICES = words("feel react respond behave act answer look sound vote live decide choose dress");

/** Of these "can you" asks whether anybody can. */
export const ANYBODYS =
  "(?:eat|drink|freeze|refreeze|reheat|microwave|cook|bake|boil|fry|grill|roast|steam|thaw|defrost|wash|recycle|compost|overwater|overcook)";

/** With these words before a noun the "-ing" is a sort of thing: "cutting boards". */
export const SORTING = words(`
  cut cook drink wash sew fly walk run clean shave park drive boil freeze melt dine live sleep shop swim fish hunt ride race bake fry
  grill roast smoke work play breed grow burn fall move roll slide spin hang stand sit wait land load dance sing read write
  train teach learn speak operate vend market advertise price bill build hear see touch talk print pay save spend lend sell open close
  charge connect end begin start change remain exist hold carry pack iron polish knit carve climb camp dry heat cool light
  measure weigh count print scan copy wrap gift host stream game test check run fold swing rock mix bowl box wrestle skate ski surf`);

/** Who can be done something to; then who does it matters. */
export const PERSONS = words(`
  i you he she we they it me him her us them people person man woman child employee tenant landlord worker student teacher customer patient doctor friend
  boss husband wife parent mother father son daughter brother sister police officer judge lawyer citizen immigrant minor user member
  someone somebody anyone everybody everyone nobody manager employer partner ex neighbor president dog cat`);

/** What things do in the pot as they are done to by the cook. */
export const COOKED = "(?:boil|cook|bake|roast|simmer|fry|steam|grill|thaw|soak|marinate|chill|proof|smoke)";
