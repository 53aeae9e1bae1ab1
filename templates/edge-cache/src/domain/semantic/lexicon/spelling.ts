/** Word by word: British to American, and slips that everybody makes. Both sides are read with it. */
export const SPELLING: ReadonlyMap<string, string> = new Map(
  `colour color|favourite favorite|favour favor|flavour flavor|honour honor|humour humor|labour labor|neighbour neighbor
  behaviour behavior|rumour rumor|harbour harbor|vapour vapor|tumour tumor|odour odor|armour armor|centre center|metre meter|litre liter
  kilometre kilometer|centimetre centimeter|millimetre millimeter|millilitre milliliter|theatre theater|fibre fiber|calibre caliber
  defence defense|offence offense|licence license|practise practice|catalogue catalog|dialogue dialog|analogue analog
  programme program|cheque check|grey gray|tyre tire|aluminium aluminum|jewellery jewelry|aeroplane airplane|aging ageing
  mould mold|plough plow|pyjamas pajamas|sceptical skeptical|travelling traveling|travelled traveled|traveller traveler|cancelled canceled
  cancelling canceling|cancellation cancelation|labelled labeled|labelling labeling|modelling modeling|modelled modeled|fuelled fueled
  enrol enroll|fulfil fulfill|skilful skillful|judgement judgment|acknowledgement acknowledgment|artefact artifact|cosy cozy
  mum mom|maths math|whilst while|learnt learned|burnt burned|spelt spelled|oestrogen estrogen|anaemia anemia|diarrhoea diarrhea
  foetus fetus|haemoglobin hemoglobin|leukaemia leukemia|paediatric pediatric|paediatrician pediatrician|orthopaedic orthopedic
  caesarean cesarean|manoeuvre maneuver|yoghurt yogurt|doughnut donut|storey story|kerb curb|draught draft|moustache mustache
  recieve receive|seperate separate|definately definitely|occured occurred|untill until|wich which|teh the|waht what|hwo how
  adress address|accomodate accommodate|begining beginning|beleive believe|calender calendar|cemetary cemetery|collegue colleague
  comming coming|commited committed|concious conscious|diffrence difference|differance difference|embarass embarrass|enviroment environment
  existance existence|experiance experience|foriegn foreign|freind friend|goverment government|gaurd guard|happend happened
  independant independent|intresting interesting|knowlege knowledge|langauge language|lenght length|maintainance maintenance|mispell misspell
  neccessary necessary|necesary necessary|noticable noticeable|occassion occasion|pasword password|passwrod password|posible possible
  probaly probably|pronounciation pronunciation|publically publicly|recomend recommend|reccomend recommend|refered referred|responsability responsibility
  rythm rhythm|shedule schedule|succesful successful|sucessful successful|suprise surprise|temperture temperature|tommorow tomorrow|tomorow tomorrow
  truely truly|usefull useful|wierd weird|wether whether|writting writing|javscript javascript|javascipt javascript|pyhton python|ptyhon python
  databse database|fucntion function|funciton function|retrun return|lisence license|persue pursue|capitol-city capital|whcih which
  thier their|becuase because|becasue because|dose-not does-not|doesnt doesn't|dont don't|cant can't|wont won't|isnt isn't|arent aren't
  wasnt wasn't|didnt didn't|hasnt hasn't|havent haven't|shouldnt shouldn't|couldnt couldn't|wouldnt wouldn't|whats what's|hows how's
  wheres where's|whos who's|im i'm|ive i've|thats that's|lets let's|youre you're|u you|ur your|pls please|plz please|thx thanks
  gonna going-to|wanna want-to|gotta have-to|cannot can-not|explian explain|exlpain explain|expalin explain|acount account|accout account
  emial email|eamil email|instal install|intall install|downlaod download|upgarde upgrade|restuarant restaurant|resturant restaurant`
    .split(/[|\n]/)
    .map((line): [string, string] => {
      const [from = "", to = ""] = line.trim().split(/\s+/);
      return [from, to.replaceAll("-", " ")];
    }),
);

const ISE = /^(.{3,})is(e|es|ed|ing|ation|ations|er|ers)$/;
/** English keeps the "s" in these on both sides of the ocean. */
const ALWAYS_ISE = new Set(
  `adv ar compr comprom conc dem desp dev disgu enterpr exerc expert franch improv merchand otherw parad pract pra prec
  prem prom ra rev r superv surpr telev treat w likew no po advert appra cru bru circumc exc fortn upr chem po tort porp
  ra cera apra`.split(/\s+/),
);

/** `organise` and `organisation` as America writes them; other words come back as they were. */
export function withZ(word: string): string {
  const single = word.endsWith("s") ? SPELLING.get(word.slice(0, -1)) : undefined;
  if (single !== undefined && !single.includes(" ")) return `${single}s`;
  const found = ISE.exec(word);
  return found === null || ALWAYS_ISE.has(found[1] ?? "") || /[aeiou]$/.test(found[1] ?? "")
    ? word
    : `${found[1]}iz${found[2]}`;
}
