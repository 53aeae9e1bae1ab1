/**
 * What the form shows first for each pipeline: `text` to paste, `item` for the files that can be made here. A pipeline
 * without an entry begins with an empty form.
 */
export const EXAMPLES = {
  "summarise-documents": {
    text: lines([
      {
        id: "notice-14",
        title: "Notice to customers",
        text: "In March we move to a larger warehouse in Malmö. Orders placed until the 12th will be shipped as usual. From the 13th to the 17th our shelves are on the road, and nothing leaves the house. Please send returns to the new address from the 18th on. Parcels that still go to the old one will be forwarded for four weeks, which adds about three days.",
      },
      {
        id: "minutes-03",
        title: "Minutes of the building committee",
        text: "<h1>Minutes</h1><p>The roof over the reading room lets water in at two places. Two offers came: one for a repair at 14,200 euros, one for a new roof at 61,000. The committee asks for a third before the summer.</p><p>The café’s lease ends in October; its tenant wants to stay.</p>",
      },
      {
        id: "log-0712",
        title: "Night watch",
        text: "22:10 gate locked. 23:40 alarm in hall 3, a window was open, closed it. 02:15 delivery turned away, came back at 06:00 with papers. 05:30 heating in the office does not start, told the caretaker. 06:00 handed over.",
      },
    ]),
    item: (n) => ({
      id: `doc-${n}`,
      title: `Inspection ${n}`,
      text: `House ${n} was looked at on a ${DAYS[n % DAYS.length]}. The roof is ${CONDITIONS[n % CONDITIONS.length]}, the heating is ${CONDITIONS[(n + 1) % CONDITIONS.length]}. ${n % 7} of its ${(n % 7) + 4} flats are let. The next look is due in ${(n % 11) + 1} months.`,
    }),
  },
  "product-descriptions": {
    text: `sku,name,material,facts
K-104,Kettle Ember,enamelled steel,"1.5 litres, cork handle, for induction"
S-220,Shelf Lund,oiled oak,"84 × 24 cm, two brackets, 15 kg"
B-031,Blanket Vinter,lambswool,"130 × 180 cm, woven in Borås"
L-077,Lamp Kvist,paper and ash,"E27, 2.4 m of cable, 310 g"`,
    item: (n) => ({
      sku: `X-${n}`,
      name: `${THINGS[n % THINGS.length]} ${n}`,
      material: MATERIALS[n % MATERIALS.length],
      price: 9 + (n % 90),
    }),
  },
  "classify-and-tag": {
    text: `The kettle boils in two minutes and the handle stays cool. Best buy this year.
It arrived a week late and one bracket was missing.
The parcel has come. I have not opened it yet.
Colour is nice, but the lamp flickers on the lowest setting, and nobody answers my letters.
Third blanket from this shop, and they still feel the same after washing.`,
    item: (n) => ({ id: `review-${n}`, text: `${OPINIONS[n % OPINIONS.length]} (order ${48_000 + n})` }),
  },
  "email-sequence": {
    text: lines([
      {
        id: "trial",
        audience: "Owners of small bakeries who tried our till for two weeks",
        offer: "The till with stock control: 29 euros a month, no contract, set up in a day.",
      },
      {
        id: "library",
        audience: "Members of the town library who have not come for a year",
        offer: "The library opens on Sundays from May on; membership stays free.",
      },
    ]),
    item: (n) => ({
      id: `town-${n}`,
      audience: `Members of the choir of town ${n}`,
      offer: `${(n % 5) + 2} evenings with a singing teacher, ${20 + (n % 30)} euros.`,
    }),
  },
};

/**
 * A file of numbered items. Every hundredth is broken on purpose, to show what becomes of such items.
 *
 * @param count items, at least 1
 */
export function exampleFile(pipeline, count) {
  const { item } = EXAMPLES[pipeline];
  const rows = Array.from({ length: count }, (_, index) =>
    index % 100 === 99 ? '{"broken": on purpose' : JSON.stringify(item(index + 1)),
  );
  return new File([`${rows.join("\n")}\n`], `${pipeline}-${count}.ndjson`);
}

function lines(items) {
  return items.map((item) => JSON.stringify(item)).join("\n");
}

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
const CONDITIONS = ["sound", "worn but usable", "in need of repair", "new"];
const THINGS = ["Kettle", "Shelf", "Blanket", "Lamp", "Bowl", "Stool", "Clock"];
const MATERIALS = ["oak", "steel", "wool", "paper", "stoneware"];
const OPINIONS = [
  "Better than I hoped, and here in two days.",
  "The box was torn and the lid is dented.",
  "It does what it says, no more and no less.",
  "I would buy it again at once.",
  "Returned it; the colour is nothing like the picture.",
];
