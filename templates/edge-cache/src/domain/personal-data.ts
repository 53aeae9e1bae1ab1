/** Whether a text holds what belongs to one person: their addresses, numbers, name, or what they say of themselves. */
export function holdsPersonalData(text: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(text)) || holdsCard(text) || holdsIban(text) || saysMine(text);
}

/** Digits in groups, not within a longer word: a UUID is no telephone number. */
const START = "(?<![\\w.-])";
const END = "(?![\\w-]|\\.\\d)";

const PATTERNS: readonly RegExp[] = [
  // An address for mail. Those that stand in manuals are nobody's.
  /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@(?!(?:[\w-]{1,63}\.){0,3}example\.(?:com|org|net)\b)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/iu,
  // Telephone numbers: with the country's code, in the North American form, with a zero before the area, or called so.
  new RegExp(`${START}\\+\\d{1,3}[ .()/-]{0,3}(?:\\d[ .()/-]{0,3}){7,12}${END}`),
  new RegExp(`${START}(?:1[ .-])?\\(?[2-9]\\d{2}\\)?[ .-]\\d{3}[ .-]\\d{4}${END}`),
  new RegExp(`${START}0\\d{2,4}[ /-]\\d{3,4}[ -]?\\d{3,5}${END}`),
  /\b(?:phone|telephone|mobile|cell|tel|fax|whatsapp|call me at|text me at|reach me at|telefon|handy|teléfono|téléphone)\b[^\d\n]{0,24}\d(?:[ ./()-]{0,3}\d){6,14}/i,
  // Numbers that states give their people.
  new RegExp(`${START}(?!000|666|9\\d\\d)\\d{3}-(?!00)\\d{2}-(?!0000)\\d{4}${END}`),
  /\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b/,
  /\b(?:ssn|social security|national insurance|tax id|taxpayer|passport|driver'?s licen[cs]e|identity card|steuer-?id|dni|aadhaar)\b[^\d\n]{0,24}(?=[\w -]{0,3}\d)[A-Z0-9](?:[ -]?[A-Z0-9]){5,14}\b/i,
  // Who one is, and when and where.
  /\b(?:my name(?:'s| is)|i am called|i'm called|call me [A-Z]|mein name ist|ich hei(?:ß|ss)e|je m'appelle|mon nom est|me llamo|mi nombre es|mi chiamo|meu nome é)(?![\p{L}])/iu,
  /\b(?:i was born (?:on|in)|my (?:birthday|date of birth|dob) is|i live (?:at|on) \d|my (?:home |postal |street )?address is)\b/i,
  /\b(?:account|customer|member|patient|policy|case|claim|invoice|booking|reservation|order|tracking|kunden|konto)[- ]?(?:number|no\.?|id|nummer|#)?\s*(?:is|:|#|=|ist)\s*#?(?=[\w-]*\d)[\w-]{4,}/i,
  // What one suffers from, earns or owes.
  /\b(?:i (?:have been|was|am|got) (?:just |recently |newly )?diagnosed|my (?:diagnosis|test results?|blood (?:test|pressure|sugar)|symptoms?|medications?|prescriptions?|therapist|salary|income|debts?|credit score|bank balance|net worth|criminal record))\b/i,
];

/** Things of which everybody has their own: how one handles them is the same for all, what is in them is not. */
const MINE =
  /\b(?:my|mein(?:em|en|er|e|es)?|mon|ma|mes|mi|mis) (?:own |latest |last |current |bank |savings |checking |user |customer |credit card |online )*(?:accounts?|orders?|invoices?|bills?|balances?|subscriptions?|bookings?|reservations?|payments?|transactions?|statements?|payslips?|refunds?|deliver(?:y|ies)|shipments?|parcels?|packages?|appointments?|profile|contract|policy|claims?|ticket|kontos?|kontostand|rechnung(?:en)?|bestellung(?:en)?|comptes?|commandes?|factures?|cuentas?|pedidos?|facturas?)\b/i;
const HOW_TO =
  /\b(?:how (?:do|can|could|should|would|might) (?:i|we|you|one)|how to|how does one|where (?:do|can) i|can i|could i|is it possible to|what(?:'s| is) the (?:best |easiest |right )?(?:way|procedure|process|steps?) (?:to|for)|ways? (?:to|of)|steps? (?:to|for)|(?:want|need|would like|'d like|trying|help(?: me)?) to|wie (?:kann|muss|soll) ich|comment|cómo (?:puedo)?)\b/i;

/** "What is in my account?" has an answer for one person only, "how do I close my account?" one for all. */
function saysMine(text: string): boolean {
  return text.split(/[.!?\n]+/).some((sentence) => MINE.test(sentence) && !HOW_TO.test(sentence));
}

function holdsCard(text: string): boolean {
  const found = text.matchAll(new RegExp(`${START}[2-6]\\d(?:[ -]?\\d){11,17}${END}`, "g"));
  return [...found].some(([number]) => passesLuhn(number.replace(/\D/g, "")));
}

/** The check digit of payment cards. @see https://www.iso.org/standard/70484.html */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (const [place, digit] of digits.split("").reverse().entries()) {
    const doubled = Number(digit) * (place % 2 === 0 ? 1 : 2);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length >= 13 && digits.length <= 19 && sum % 10 === 0;
}

/** Words behind it may look like a part of it: its country says how long it is. */
function holdsIban(text: string): boolean {
  const found = text.matchAll(/(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}/gi);
  return [...found].some(([match]) => {
    const joined = match.replaceAll(" ", "").toUpperCase();
    const iban = joined.slice(0, IBAN_LENGTHS.get(joined.slice(0, 2)) ?? 0);
    return iban.length > 0 && iban.length === IBAN_LENGTHS.get(iban.slice(0, 2)) && passesMod97(iban);
  });
}

/** The check digits of ISO 13616. */
function passesMod97(iban: string): boolean {
  let rest = 0;
  for (const sign of iban.slice(4) + iban.slice(0, 4)) {
    for (const digit of String(Number.parseInt(sign, 36))) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest === 1;
}

/** Characters of an IBAN, by country. @see https://www.swift.com/standards/data-standards/iban-international-bank-account-number */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    .split(" ")
    .map((each) => [each.slice(0, 2), Number(each.slice(2))]),
);
