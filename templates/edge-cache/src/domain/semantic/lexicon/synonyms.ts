/**
 * Words and phrases that ask for the same in a question to an assistant, each line to its first. In base form: no plural,
 * no past. Only what can stand for each other nearly everywhere belongs here; what only resembles does not.
 */
const LINES = `
  begin|start|commence
  buy|purchase
  fix|repair|resolve
  delete|remove|erase|eliminate|get rid of
  uninstall|deinstall
  change|modify|alter
  make|build|construct|create|generate
  get|obtain|acquire
  help|assist|aid
  show|display
  use|utilize|make use of
  big|large
  bigger|larger
  biggest|largest
  small|tiny
  smaller|littler
  smallest|tiniest|littlest
  fast|quick|rapid|speedy
  faster|quicker
  fastest|quickest
  quickly|rapidly|swiftly
  happen|occur|take place
  choose|select|pick
  allow|permit
  stop|halt|cease|quit
  enable|turn on|switch on|activate
  disable|turn off|switch off|deactivate
  login|log in|log into|sign in|sign into|log on|logon|signin
  logout|log out|sign out|log off|sign off|signout|logoff
  signup|sign up
  setup|set up|configure
  backup|back up|make backup|create backup|take backup
  lookup|look up
  shutdown|shut down
  restart|reboot
  connect|hook up
  contact|get in touch with|reach out to|get hold of
  find out|discover
  figure out|work out
  throw away|dispose of|discard
  reduce|decrease|cut down on|bring down
  increase|boost|raise
  improve|enhance
  capital|capital city
  car|automobile
  bike|bicycle
  phone|telephone
  cellphone|cell phone|mobile phone|smartphone
  tv|television
  photo|photograph|picture
  take screenshot|make screenshot|take screen capture|take screen shot|capture screen
  write|compose
  prime minister|premier
  latest|most recent
  undo|revert
  need|require
  film|movie
  physician|medical doctor
  lawyer|attorney
  child|kid
  job|occupation|profession
  illness|sickness
  medicine|medication
  price|cost
  folder|directory
  app|application
  repository|repo
  config|configuration
  documentation|docs
  database|db
  javascript|js
  kubernetes|k8s
  postgres|postgresql
  regex|regular expression|regexp
  environment variable|env var|env variable
  artificial intelligence|ai
  machine learning|ml
  large language model|llm
  united states|united state|united state america|us^|usa|united states of america|u.s|u.s.a
  united kingdom|uk|u.k
  new york|new york city|nyc
  european union|eu
  world war 1|world war i|ww1|wwi|first world war|1st world war
  world war 2|world war ii|ww2|wwii|second world war|2nd world war
  covid|covid-19
  2fa|two-factor authentication|two factor authentication|2-factor authentication|two step verification|two-step verification|2 factor authentication
  wifi|wi-fi|wireless network
  email|e-mail
  email address|e-mail address
  website|web site
  web page|webpage
  username|user name
  id|identification
  ceo|chief executive officer
  cfo|chief financial officer
  cto|chief technology officer
  vat|value added tax
  gdp|gross domestic product
  dna|deoxyribonucleic acid
  faq|frequently asked question
  computer|pc|personal computer
  fridge|refrigerator
  holiday|vacation
  petrol|gasoline
  trousers|pants
  garbage|trash|rubbish
  movie theater|cinema
  grocery store|supermarket
  pharmacy|drugstore
  truck|lorry
  subway|underground railway
  wrong|incorrect
  main|primary|principal
  simple|easy
  hard|difficult
  expensive|costly|pricey
  cheap|inexpensive
  cheapest|least expensive|lowest priced
  dearest|most expensive|priciest|costliest
  sick|ill
  smart|intelligent|clever
  famous|well-known|well known
  wealthy|rich
  dangerous|hazardous
  mandatory|compulsory|obligatory
  free|free of charge|at no cost|for free|gratis
  nearby|close by
  healthy|good for health
  entire|whole
  whole number|integer
  baby|infant
  elderly|old people|senior citizen
  advantage|benefit|upside
  disadvantage|drawback|downside
  pro and con|pros and cons|advantage and disadvantage|benefit and drawback|upside and downside|benefit and disadvantage|advantage and drawback
  difference|distinction
  symptom|sign and symptom
  suggestion|recommendation
  recommend|suggest|advise
  example|instance
  instruction|directions
  delivery|shipping
  last name|surname|family name
  unclog|unblock drain
  cause|lead to|result in
  conversation|chat
  train|teach
  abbreviation|acronym
  bed sheet|sheet bed|bedsheet
  lightbulb|light bulb
  toilet|loo|lavatory
  tv show|television show|tv series|television series
  mattress topper|mattress pad
  spider web|cobweb
  stomach ache|tummy ache|bellyache|stomachache|stomach pain
  headache|head ache|head pain
  toothache|tooth ache|tooth pain
  earache|ear ache|ear pain
  backache|back ache|back pain
  rash|skin rash
  miscarriage|pregnancy loss
  gp|general practitioner
  er|emergency room|a&e
  gym membership|fitness membership
  birth control|contraception|contraceptive
  blood test|blood work
  painkiller|pain killer|pain medicine|pain reliever|analgesic
  cold|common cold
  bank account|account at bank|account with bank
  security deposit|rental deposit|damage deposit
  tenant|renter|lessee
  landlord|landlady|lessor
  roommate|flatmate|housemate
  real estate agent|realtor|estate agent
  moving company|removal company|mover
  ticket price|fare
  layover|stopover
  airline|air carrier
  airfare|flight price|plane ticket price
  plane ticket|flight ticket|air ticket
  boarding pass|boarding card
  rental car|hire car
  hotel room|room hotel
  check in online|online check in
  souvenir|keepsake
  hike|trek
  downtown|city center
  highway|motorway|freeway
  gas station|petrol station|filling station
  parking lot|car park
  crosswalk|pedestrian crossing|zebra crossing
  sidewalk|pavement
  windshield|windscreen
  hood of car|bonnet
  trunk of car|boot of car
  license plate|number plate
  turn signal|indicator light
  spare tire|spare wheel
  oil change|change of oil
  lawn mower|lawnmower
  hose|garden hose
  weed killer|herbicide
  compost heap|compost pile
  dish soap|washing up liquid|dishwashing liquid
  laundry detergent|washing powder
  clothes dryer|tumble dryer
  washing machine|clothes washer|washer machine
  plastic wrap|cling film|saran wrap
  aluminum foil|tin foil|tinfoil
  frying pan|skillet
  baking sheet|baking tray
  parchment paper|baking paper
  measuring cup|measuring jug
  heavy cream|double cream|whipping cream
  whole wheat|wholemeal|whole grain
  beet|beetroot
  oatmeal|porridge
  jello|gelatin dessert
  appetizer|starter dish
  leftover|left over
  teenager|teen|adolescent
  toddler|small child
  elementary school|primary school
  high school|secondary school
  kindergarten|preschool
  homework|home assignment
  exam|examination
  scholarship|study grant
  thesis|dissertation
  student loan|education loan
  internship|work placement
  job offer|offer of employment
  job opening|job vacancy|open position
  job interview|interview for job
  cover letter|covering letter|letter of application
  resignation letter|letter of resignation
  reference letter|letter of reference|recommendation letter|letter of recommendation
  notice period|period of notice
  business trip|work trip
  video call|video chat
  group chat|group conversation
  friend request|request for friendship
  profile picture|profile photo|profile pic|avatar
  home screen|homescreen
  lock screen|lockscreen
  dark mode|dark theme|night mode|dark theme mode
  airplane mode|flight mode
  touch screen|touchscreen
  power button|on off button
  task bar|taskbar
  file extension|file ending
  file size|size of file
  source code|code source
  web server|http server
  stack trace|stacktrace|traceback
  unit test|unittest
  null pointer exception|nullpointerexception|npe
  linked list|linkedlist
  hash map|hashmap|hash table
  data type|datatype
  for loop|for-loop
  while loop|while-loop
  if statement|if-statement|if condition
  primary key|pk
  foreign key|fk
  table row|row of table
  rest api|restful api
  ssh key|ssh keypair
  domain name|web domain
  dropdown|drop-down|drop down
  checkbox|check box|tickbox
  popup|pop-up|pop up
  tooltip|tool tip
  text box|text field|input field
  font size|text size
  line break|newline|new line
  white space|whitespace
  upper case|uppercase|capital letter
  lower case|lowercase|small letter
  random number|arbitrary number
  standard deviation|std dev
  square meter|m2
  circumference|perimeter of circle
  vaccine|vaccination|immunization
  mute|silence
  contagious|infectious
  thaw|defrost
  resize|change size
  procedure|process
  refund|money back
  payment method|method of payment|means of payment
  buyer|purchaser
  employee|staff member
  coworker|colleague
  cv|curriculum vitae
  gym|fitness center
  exercise routine|workout routine
  lose weight|shed weight|drop weight|shed pound
  fall asleep|get to sleep
  throw up|vomit
  belly|stomach|tummy
  hiccup|hiccough
  flu|influenza
  high blood pressure|hypertension
  heart attack|myocardial infarction
  blood sugar|blood glucose
  water|h2o
  carbon dioxide|co2
  laptop|notebook computer
  screenshot|screen shot|screen capture
  recover|retrieve
  terminate|cancel
  cancel subscription|end subscription|stop subscription|terminate subscription
  unsubscribe|opt out
  reschedule|move appointment
  reservation|booking
  opening hour|business hour|hour of operation|opening time|store hour
  arrive|get there
  return|send back|give back
  pay back|repay
  search for|look for
  approximately|roughly
  briefly|in brief|in short|in a nutshell|shortly
  in detail|in depth|thoroughly|detailed explanation
  step by step|step-by-step
  eli5|like i am 5|like i am five|as if i were 5|like i 5
  in simple term|in plain english|in layman term|simply
  bullet point|bullet|bulleted list
  such as|for example|for instance|e.g
  because of|due to|owing to
  at least|no less than|minimum of
  at most|no more than|maximum of
  now|at the moment|right now
  before|prior to
  after|subsequent to
  instead of|rather than|in place of
  with|with the help of|by means of
  work|operate
  work as|serve as
  clean|cleanse
  hardboiled|hard-boiled|hard boiled
  shop|store
  earn money|make money
  mother|mum|mom
  father|dad
  grandmother|grandma
  grandfather|grandpa
  writer|author
  automobile insurance|car insurance
  credit score|credit rating
  mortgage|home loan
  earth|planet earth
  live|reside
  inhabitant|resident
  locate|situate
  pass away|die
  birth date|date of birth|birthdate
  abroad|overseas
  aircraft|airplane|plane
  type|kind
  part of|portion of
  amount|quantity
  maximum|max
  minimum|min
  average|mean value
  rectangle area|area of rectangle
  calculate|compute
  string|text string
  iterate|loop through|loop over|iterate over|iterate through
  concatenate|join together
  dictionary|dict
  duplicate|double entry
  permission|access right
  examine|inspect
  assemble|put together
  dispute|contest
  merge|combine
  request|ask for
  postpone|put off
  submit|hand in
  cancel|call off
  prepare|get ready
  collect|gather
  accelerate|speed up
  pause|put hold
  resume|continue
  open|open up
  copy|make copy
  order|place order
  pay|make payment
  call|make call|give call|make phone call
  search|do search
  relieve|alleviate|ease|soothe
  immediately|right away|straight away|at once|instantly
  reject|decline|turn down
  draft|draw up
  frighten|scare
  reserve|make reservation|make booking
  unhealthy|harmful|bad for health
  tasty|delicious
  affordable|cheap
  afraid|scared
  problem|issue|trouble
  client|customer
  goal|aim|objective
  journey|trip
  taxi|cab
  luggage|baggage
  carry-on|hand luggage|cabin luggage|carry-on bag|carry-on luggage
  train station|railway station
  subway|metro
  sofa|couch
  vacuum cleaner|vacuum
  diaper|nappy
  stroller|pram|pushchair
  zucchini|courgette
  eggplant|aubergine
  chickpea|garbanzo bean
  scallion|green onion|spring onion
  baking soda|bicarbonate soda
  icing sugar|powdered sugar|confectioner sugar
  cornstarch|corn starch|cornflour
  ground beef|minced beef|beef mince
  french fry|chip french
  integer|int
  boolean|bool
  function|func
  parameter|param
  argument|arg
  administrator|admin
  information|info
  account|acct
  password|pw|pwd
  operating system|os
  user interface|ui
  cpu|processor
  gpu|graphics card
  usb stick|flash drive|thumb drive
  browser|web browser
  hard drive|hard disk|hdd
  text message|sms
  microphone|mic
  shortcut|keyboard shortcut|hotkey
  virtual environment|virtual env|virtualenv|venv
  command line|cli
  pull request|pr
  pdf|pdf file|pdf document
  csv|csv file
  zip|zip file
  graphic|graph
  lease|rental agreement|rental contract|lease agreement
  lawsuit|legal suit
  car insurance|auto insurance|automobile insurance|vehicle insurance|motor insurance
  car loan|auto loan|automobile loan
  driver license|license driver|drive license
  vet|veterinarian
  meeting room|conference room
  human resource|hr
  paid time off|pto
  salary|pay salary
  unemployment benefit|benefit unemployment|unemployment compensation
  expiration date|expiry date|use-by date
  pregnancy|being pregnant
  period|menstruation
  urinate|pee
  mold|mildew
  faucet|water tap
  someone|somebody
  everyone|everybody
  anyone|anybody
  remote work|work remotely|telework
  side effect|adverse effect
  doctor|physician
  spouse|husband or wife
  tip|gratuity
  backup copy|back-up
  timezone|time zone
  login page|sign-in page
`;

/** From each phrase, its words joined by a space, to the name of its line. */
export const SYNONYMS: ReadonlyMap<string, string> = read();

/** From the first word of a phrase to the most words a phrase that begins with it has. */
export const LONGEST_PHRASE: ReadonlyMap<string, number> = longest(SYNONYMS);

function read(): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of LINES.split("\n")) {
    const [name, ...others] = line.trim().split("|");
    if (name === undefined || name === "") continue;
    for (const phrase of [name, ...others]) {
      // As they are compared: without the words that are dropped there.
      const key = phrase.split(" ").length === 1 ? phrase : phrase.replace(/ (?:of|the|a|an)(?= |$)/g, "");
      if (!found.has(key)) found.set(key, name);
    }
  }
  // A name may itself stand on an earlier line.
  for (const [phrase, name] of found) found.set(phrase, found.get(name) ?? name);
  return found;
}

function longest(phrases: ReadonlyMap<string, string>): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const phrase of phrases.keys()) {
    const parts = phrase.split(" ");
    const [first = ""] = parts;
    lengths.set(first, Math.max(lengths.get(first) ?? 0, parts.length));
  }
  return lengths;
}
