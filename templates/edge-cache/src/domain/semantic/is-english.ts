import { words } from "./lexicon/function-words.ts";

const ENGLISH = words(`
  the a an is are was were what who when where why how which do does did can could should would will to of in on for with
  and or my your i you it this that not from me tell explain give list make write`);
const FOREIGN = words(`
  der die das und ist wie was wer wo ein eine nicht ich du mit für von zu den dem le la les un une des et est que qui quoi
  comment où pourquoi je tu vous el los las y es cómo qué dónde por para con il lo gli che come dove perché di per non sono
  o os um uma é como onde não het een van niet wat hoe en de da do em jak co gdzie czy jest nie hvad hvor og er det`);

/** Whether the rules, which are English ones, may read the text. When in doubt, no. */
export function isEnglish(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/[A-Za-z]/g)?.length ?? 0;
  if (letters === 0 || latin < letters * 0.9) return false;
  let english = 0;
  let foreign = 0;
  for (const word of text.toLowerCase().split(/[^\p{L}'-]+/u)) {
    if (ENGLISH.has(word)) english++;
    else if (FOREIGN.has(word)) foreign++;
  }
  return foreign === 0 || english > foreign;
}
