/** Every way to write a unit, to one name. Single letters stay as they are: "5 m" is not "5 M". */
export const UNITS: ReadonlyMap<string, string> = new Map(
  `km kilometer kilometers kms|cm centimeter centimeters|mm millimeter millimeters|meter meters|mile miles mi
  foot feet ft|inch inches|yard yards|kg kilogram kilograms kilo kilos kgs|gram grams|mg milligram milligrams|mcg microgram micrograms
  pound pounds lb lbs|ounce ounces oz|ton tons|tonne tonnes|liter liters|ml milliliter milliliters|gallon gallons|cup cups
  tablespoon tablespoons tbsp|teaspoon teaspoons tsp|pint pints|quart quarts|celsius centigrade °c|fahrenheit °f|kelvin|degree degrees °
  second seconds secs|minute minutes min mins|hour hours hr hrs|day days|week weeks|month months|year years yr yrs|decade decades|century centuries
  ms millisecond milliseconds|kb kilobyte kilobytes|mb megabyte megabytes|gb gigabyte gigabytes|tb terabyte terabytes|byte bytes|bit bits
  mph|kmh kph km/h|hz hertz|mhz|ghz|watt watts|kw kilowatt kilowatts|kwh|volt volts|amp amps ampere amperes|ohm ohms|calorie calories kcal
  joule joules|percent % percentage pct|usd $ dollar dollars bucks|eur € euro euros|gbp £ sterling|jpy ¥ yen|inr ₹ rupee rupees|cent cents
  acre acres|hectare hectares|sqm|sqft|person people|mbps|gbps|dpi|fps|rpm|bpm|psi|bar|pascal pascals|decibel decibels db`
    .split(/[|\n]/)
    .flatMap((line) => {
      const [name = "", ...others] = line.trim().split(/\s+/);
      return [name, ...others].map((word): [string, string] => [word, name]);
    }),
);

const SMALL =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

/** Numbers written as words: `twelve` → 12. */
export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ...SMALL.map((word, index): [string, number] => [word, index]),
  ...TENS.map((word, index): [string, number] => [word, 20 + 10 * index]),
]);
export const SCALES: ReadonlyMap<string, number> = new Map([
  ["hundred", 1e2],
  ["thousand", 1e3],
  ["million", 1e6],
  ["billion", 1e9],
  ["trillion", 1e12],
]);

export const MONTHS: ReadonlyMap<string, string> = new Map(
  "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sep sept|october oct|november nov|december dec"
    .split("|")
    .flatMap((line) => {
      const [name = "", ...others] = line.split(" ");
      return [name, ...others].map((word): [string, string] => [word, name]);
    }),
);
export const DAYS: ReadonlyMap<string, string> = new Map(
  "monday mon|tuesday tue tues|wednesday wed|thursday thu thurs|friday fri|saturday|sunday|today|tomorrow|yesterday|tonight|now|weekend|weekday|morning|afternoon|evening|night|noon|midnight|currently|nowadays"
    .split("|")
    .flatMap((line) => {
      const [name = "", ...others] = line.split(" ");
      return [name, ...others].map((word): [string, string] => [word, name]);
    }),
);
