/**
 * Written by hand, over many fields: a question, after `=` ways in which people would ask for the same, after `#` questions that
 * look alike and ask for something else.
 */
export const NATURAL = `
How do I reset my password? = I forgot my password, how can I change it? = What are the steps to reset my password? # How do I change my username? # How do I reset my router?
What is the capital of Australia? = Which city is the capital of Australia? = Name Australia's capital # What is the capital of Austria? # What is the largest city of Australia?
How can I cancel my subscription? = What's the way to end my subscription? = I want to stop my subscription, how? # How can I renew my subscription? # How can I pause my subscription?
What is the boiling point of water? = At what temperature does water boil? = water boiling point # What is the freezing point of water? # What is the boiling point of ethanol?
How do I boil an egg? = What's the best way to boil eggs? = How to cook a boiled egg # How do I fry an egg? # How do I peel a boiled egg?
Who painted the Mona Lisa? = Who is the painter of the Mona Lisa? = The Mona Lisa was painted by whom? # Who owns the Mona Lisa? # When was the Mona Lisa painted?
How far is the moon from the earth? = What is the distance between the earth and the moon? = How many kilometres is it to the moon? # How far is the sun from the earth? # How big is the moon?
What are the side effects of ibuprofen? = Which side effects does ibuprofen have? = ibuprofen side effects # What are the side effects of aspirin? # What are the benefits of ibuprofen?
How do I create a branch in git? = How can I make a new git branch? = git: creating a new branch # How do I delete a branch in git? # How do I rename a branch in git?
How do I undo the last commit in git? = What is the command to revert my last git commit? = How can I take back the most recent commit in git? # How do I undo the first commit in git? # How do I amend the last commit in git?
What is machine learning? = Explain machine learning = Can you tell me what ML is? # What is deep learning? # When was machine learning invented?
How long does it take to fly from London to New York? = What is the flight time from London to New York? = How many hours is the flight from London to NYC? # How long does it take to fly from New York to London? # How much does it cost to fly from London to New York?
Is it safe to eat raw salmon? = Can I eat salmon raw? = Is raw salmon safe to eat? # Is it safe to eat raw chicken? # Is it safe to eat smoked salmon?
How many calories are in a banana? = What is the number of calories in a banana? = How many calories does a banana have? # How many calories are in an apple? # How many carbs are in a banana?
Why is the sky blue? = What makes the sky blue? = What's the reason that the sky is blue? # Why is the sea blue? # Why is the sky red at sunset?
How do I install Python on Windows? = What are the steps to install Python on a Windows machine? = Installing Python on Windows, how does it go? # How do I uninstall Python on Windows? # How do I install Python on macOS?
Who wrote Pride and Prejudice? = Who is the author of Pride and Prejudice? = Pride and Prejudice was written by which author? # Who published Pride and Prejudice? # Who wrote Sense and Sensibility?
What's the difference between a virus and a bacterium? = How do viruses and bacteria differ? = How is a virus different from a bacterium? # What do viruses and bacteria have in common? # What's the difference between a virus and a fungus?
When did World War II end? = In which year did the Second World War end? = What was the end date of WW2? # When did World War I end? # When did World War II begin?
How can I lose weight fast? = What is the quickest way to lose weight? = How do I shed pounds quickly? # How can I gain weight fast? # How can I lose weight safely?
How do I remove a red wine stain from a carpet? = What gets red wine stains out of carpet? = How to get rid of a red wine stain on my carpet # How do I remove a coffee stain from a carpet? # How do I remove a red wine stain from a shirt?
What time zone is Tokyo in? = Which time zone does Tokyo use? = Tokyo's time zone? # What time is it in Tokyo? # What time zone is Seoul in?
How do I change the language in the app? = Where can I switch the app's language? = How to modify app language # How do I change the font in the app? # How do I learn a language with the app?
What documents do I need to open a bank account? = Which papers are required for opening a bank account? = What paperwork is needed to open an account at a bank? # What documents do I need to close a bank account? # What documents do I need for a passport?
How do I calculate compound interest? = What is the formula for compound interest? = How is compound interest calculated? # How do I calculate simple interest? # What is compound interest?
What does HTTP stand for? = What is the meaning of the abbreviation HTTP? = HTTP is short for what? # What does HTTPS stand for? # How does HTTP work?
How do I sort a list in Python? = How can I order the elements of a Python list? = Python: sort a list # How do I reverse a list in Python? # How do I sort a list in Java?
How do I read a file line by line in Python? = What's the Python way to read files one line at a time? = Reading a file line by line with Python # How do I write a file line by line in Python? # How do I read a file into a string in Python?
What is the population of Canada? = How many people live in Canada? = How many inhabitants does Canada have? # What is the area of Canada? # What is the population of China?
What is the return policy? = Can you explain your return policy? = How do returns work? # What is the privacy policy? # What is the shipping policy?
Do you ship internationally? = Do you offer international shipping? = Can you deliver to other countries? # Do you ship on weekends? # Do you ship domestically?
Where is my order? = What's the status of my order? = Has my order been shipped yet? # Where is your office? # How do I cancel my order?
How do I contact customer support? = How can I get in touch with customer service? = What is the way to reach customer support? # How do I rate customer support? # When is customer support open?
How do I update my billing address? = How can I change my billing address? = Where do I edit the address on my bills? # How do I update my shipping address? # How do I update my credit card?
Can I get a refund? = Is it possible to get my money back? = Am I able to get a refund? # Can I get a discount? # When will I get my refund?
How do I enable dark mode? = How can I turn on dark mode? = Where do I switch on the dark theme? # How do I disable dark mode? # How do I enable night light?
How do I delete my account? = What's the process for deleting my account? = I'd like to remove my account, how do I do that? # How do I create an account? # How do I delete my history?
What are the opening hours of the museum? = When is the museum open? = What are the museum's business hours? # What is the address of the museum? # What are the opening hours of the library?
How do I connect my phone to the wifi? = How can I get my phone on the wireless network? = Connecting a phone to wifi: how? # How do I disconnect my phone from the wifi? # How do I connect my phone to the TV?
What is the speed of light? = How fast is light? = How fast does light travel? # What is the speed of sound? # What is the wavelength of light?
How old is the universe? = What is the age of the universe? = How many years has the universe existed? # How big is the universe? # How old is the earth?
What is photosynthesis? = Explain photosynthesis to me = Could you describe photosynthesis? # What is chemosynthesis? # Where does photosynthesis happen?
How does photosynthesis work? = Explain how photosynthesis works = What is the mechanism of photosynthesis? # Why does photosynthesis matter? # How does respiration work?
Who invented the telephone? = Who was the inventor of the telephone? = Which person invented the phone? # Who invented the television? # When was the telephone invented?
What is the tallest mountain in the world? = Which mountain is the tallest on earth? = What is the world's highest mountain? # What is the longest river in the world? # What is the tallest building in the world?
What is the longest river in Africa? = Which African river is the longest? = Name the longest river of Africa # What is the shortest river in Africa? # What is the longest river in Asia?
How do I treat a sunburn? = What helps against sunburn? = What can I do about a sunburn? # How do I prevent a sunburn? # How do I treat a burn from hot oil?
What are the symptoms of diabetes? = How do I recognise diabetes? = Which signs does diabetes have? # What are the causes of diabetes? # What are the symptoms of anemia?
How much water should I drink per day? = What amount of water should I drink daily? = How many litres of water a day should one drink? # How much coffee should I drink per day? # How much water should I drink per hour?
Is coffee bad for you? = Is drinking coffee unhealthy? = Is coffee harmful? # Is coffee good for you? # Is tea bad for you?
Can dogs eat chocolate? = Is chocolate safe for dogs? = May I give my dog chocolate? # Can cats eat chocolate? # Can dogs eat cheese?
How often should I water a cactus? = How frequently does a cactus need water? = How frequently should I water my cactus? # How often should I water a fern? # How much water does a cactus need?
How do I train a puppy to sit? = What's the way to teach a puppy to sit? = How can I get my puppy to sit? # How do I train a puppy to stay? # How do I train a kitten to sit?
What is the plot of Hamlet? = What happens in Hamlet? = Can you summarise the story of Hamlet? # What is the setting of Hamlet? # What is the plot of Macbeth?
How do I tie a tie? = What are the steps to tie a necktie? = Can you show me how to tie a tie? # How do I tie a bow tie? # How do I wash a tie?
How do I change a flat tire? = How can I replace a flat tyre? = What do I need to do to change a flat tyre? # How do I check tire pressure? # How do I change the oil?
How do I improve my credit score? = What can I do to raise my credit score? = Ways to boost my credit rating # How do I check my credit score? # What is a good credit score?
What is inflation? = Define inflation = What do economists mean by inflation? # What causes inflation? # What is deflation?
What is the difference between stocks and bonds? = How do bonds differ from stocks? = Stocks versus bonds: what is the difference? # What is the difference between stocks and options? # Are stocks better than bonds?
Should I buy or rent a house? = Is it better to rent or buy a house? = Renting or buying a home: which should I do? # Should I sell or rent out my house? # Should I buy or lease a car?
How do I write a cover letter? = What's a good way to write a cover letter? = How does one write a cover letter? # How do I write a resume? # How long should a cover letter be?
What is the minimum wage in California? = How high is California's minimum wage? = California minimum wage # What is the maximum wage in California? # What is the minimum wage in Texas?
How do I apply for a passport? = What is the procedure for applying for a passport? = Where and how do I apply for a passport? # How do I renew a passport? # How do I apply for a visa?
Do I need a visa for Japan? = Is a visa required to travel to Japan? = Must I have a visa to enter Japan? # Do I need a vaccine for Japan? # Do I need a visa for China?
What is the best time to visit Iceland? = When is the best time to go to Iceland? = Which month is ideal for visiting Iceland? # What is the worst time to visit Iceland? # What is the best time to visit Ireland?
What currency is used in Switzerland? = What is the currency of Switzerland? = Which currency does Switzerland use? # What language is used in Switzerland? # What currency is used in Sweden?
What language is spoken in Brazil? = Which language do people speak in Brazil? = What is the language of Brazil? # What currency is used in Brazil? # What language is spoken in Bolivia?
How do I say thank you in Japanese? = What is the Japanese word for thank you? = How do you say "thank you" in Japanese? # How do I say thank you in Korean? # How do I say sorry in Japanese?
How do I center a div in CSS? = What's the CSS for centering a div? = With CSS, how can I center a div? # How do I hide a div in CSS? # How do I center text in CSS?
How do I declare a variable in JavaScript? = What is the syntax for declaring variables in JavaScript? = JS: how to declare a variable # How do I declare a function in JavaScript? # How do I declare a variable in Rust?
What is a REST API? = Explain what a REST API is = Can you describe REST APIs? # What is a GraphQL API? # Who invented REST APIs?
How do I merge two dictionaries in Python? = How can I combine two Python dicts? = What's the way to merge two dicts in Python? # How do I merge three dictionaries in Python? # How do I merge two lists in Python?
How do I list all files in a directory in Linux? = Which command shows all files in a Linux folder? = In Linux, how can I list every file in a directory? # How do I delete all files in a directory in Linux? # How do I list all hidden files in a directory in Linux?
How do I kill a process on Linux? = How can I terminate a process in Linux? = What command ends a Linux process? # How do I start a process on Linux? # How do I kill a process on Windows?
Why is my computer so slow? = What makes my computer so slow? = What's the reason my PC is so slow? # Why is my computer so loud? # Why is my internet so slow?
How do I take a screenshot on a Mac? = How can I make a screenshot on my Mac? = What keys take a screen capture on a Mac? # How do I take a screenshot on a PC? # How do I record the screen on a Mac?
How do I back up my iPhone? = What is the way to backup an iPhone? = How can I create a backup of my iPhone? # How do I restore my iPhone? # How do I back up my iPad?
How do I block a number on Android? = How can I stop a number from calling me on Android? = Blocking a phone number on Android: how to? # How do I unblock a number on Android? # How do I block a website on Android?
What is the square root of 144? = Calculate the square root of 144 = What number squared is 144? # What is the square of 144? # What is the square root of 169?
What is 20 percent of 50? = Calculate 20% of 50 = How much is 20% of 50? # What is 50 percent of 200? # What is 20 percent of 60?
How many ounces are in a pound? = What's the number of ounces in a pound? = A pound has how many ounces? # How many pounds are in an ounce? # How many grams are in a pound?
How do I convert Celsius to Fahrenheit? = What's the formula for converting Celsius to Fahrenheit? = Celsius to Fahrenheit conversion # How do I convert Fahrenheit to Celsius? # How do I convert Celsius to Kelvin?
What is the Pythagorean theorem? = Can you explain the Pythagorean theorem? = State the theorem of Pythagoras # Who proved the Pythagorean theorem? # What is the binomial theorem?
What is the area of a circle with radius 5? = Calculate the area of a circle whose radius is 5 = How big is the area of a circle of radius 5? # What is the circumference of a circle with radius 5? # What is the area of a circle with radius 6?
Who is the president of France? = Who's France's president? = Tell me the name of the French president # Who was the president of France? # Who is the prime minister of France?
When was the Eiffel Tower built? = What year was the Eiffel Tower constructed? = When did they build the Eiffel Tower? # Where was the Eiffel Tower built? # Who built the Eiffel Tower?
How tall is the Eiffel Tower? = What is the height of the Eiffel Tower? = How many metres high is the Eiffel Tower? # How old is the Eiffel Tower? # How tall is the Empire State Building?
Where is Machu Picchu? = Where is Machu Picchu located? = In which country is Machu Picchu? # What is Machu Picchu? # How old is Machu Picchu?
Who discovered penicillin? = Who was the discoverer of penicillin? = Penicillin was discovered by whom? # When was penicillin discovered? # Who discovered insulin?
How many planets are in the solar system? = What is the number of planets in our solar system? = How many planets does the solar system have? # How many moons are in the solar system? # Which planets are in the solar system?
What are the planets of the solar system? = List the planets of the solar system = Which planets are in our solar system? # How many planets are there in the solar system? # What are the moons of Jupiter?
What is the largest planet? = Which planet is the biggest? = Name the biggest planet # What is the smallest planet? # What is the largest moon?
How long do cats live? = What is the life expectancy of a cat? = What's the lifespan of cats? # How long do dogs live? # How long do cats sleep?
How do I get rid of ants in the kitchen? = What is the best way to remove ants from my kitchen? = How can I eliminate kitchen ants? # How do I get rid of mice in the kitchen? # How do I feed ants?
How do I make pancakes? = What's a recipe for pancakes? = Give me a pancake recipe # How do I make waffles? # How do I make vegan pancakes?
How long should I cook pasta? = What is the cooking time for pasta? = How many minutes does pasta need to cook? # How long should I cook rice? # How should I store pasta?
Can I freeze cooked rice? = Is it possible to freeze cooked rice? = Is cooked rice okay to freeze? # Can I reheat cooked rice? # Can I freeze raw rice?
What can I substitute for eggs in baking? = What is a good egg replacement for baking? = How do I replace eggs when I bake? # What can I substitute for butter in baking? # What can I substitute for eggs in mayonnaise?
What is a healthy breakfast? = What should I eat for a healthy breakfast? = Suggest a healthy breakfast # What is a healthy dinner? # What is a quick breakfast?
How can I fall asleep faster? = What helps me to fall asleep more quickly? = How do I get to sleep faster? # How can I wake up earlier? # How can I stay awake longer?
What causes migraines? = Why do people get migraines? = What are the causes of migraine? # What cures migraines? # What causes nosebleeds?
How do I lower my blood pressure? = What can I do to reduce my blood pressure? = How can I bring down my blood pressure? # How do I measure my blood pressure? # How do I raise my blood pressure?
Is the flu contagious? = Can you catch the flu from others? = Is influenza infectious? # Is cancer contagious? # Is the flu dangerous?
What is a normal resting heart rate? = What resting heart rate is normal? = What should my resting heart rate be? # What is a normal heart rate while running? # What is a normal body temperature?
What are the rules of chess? = How do you play chess? = Explain the rules of chess # What are the rules of poker? # Who invented chess?
How many players are on a soccer team? = What is the number of players in a soccer team? = How many people play on a football team? # How many referees are in a soccer match? # How many players are on a basketball team?
Who won the 2018 World Cup? = Which country won the World Cup in 2018? = Who was the winner of the 2018 World Cup? # Who won the 2014 World Cup? # Who lost the 2018 World Cup final?
Who directed Inception? = Who is the director of Inception? = Inception was directed by whom? # Who starred in Inception? # Who directed Interstellar?
What is the meaning of life? = What is life's meaning? = What's the purpose of life? # What is the origin of life? # What is the definition of life?
How do I learn to play guitar? = What's the way to learn guitar? = How can I teach myself guitar? # How do I learn to play piano? # How do I tune a guitar?
How do I overcome shyness? = How can I stop being shy? = What are ways to get over shyness? # How do I overcome grief? # What causes shyness?
Summarize the French Revolution = Give me a summary of the French Revolution = Can you summarise the French Revolution? # Summarize the Russian Revolution # Summarize the French Revolution in one sentence
Write an email declining a meeting = Please draft an email that declines a meeting = Compose an e-mail to turn down a meeting # Write an email accepting a meeting # Write a text declining a meeting
Translate "good morning" to Spanish = How do you say "good morning" in Spanish? = What's "good morning" in Spanish? # Translate "good night" to Spanish # Translate "good morning" to Italian
List three benefits of exercise = Give me three advantages of exercise = What are three benefits of exercising? # List four benefits of exercise # List three risks of exercise
Recommend a book about Roman history = Which book on Roman history do you recommend? = Can you suggest a book about Roman history? # Recommend a film about Roman history # Recommend a book about Greek history
Explain blockchain to a child = Explain blockchain as if I were a child = How would you explain blockchain to a kid? # Explain blockchain to an engineer # Explain blockchain
Is Pluto a planet? = Is Pluto considered a planet? = Does Pluto count as a planet? # Is Pluto a star? # Why is Pluto not a planet?
Does the train stop in Lyon? = Is Lyon a stop of the train? = Will the train stop at Lyon? # Does the bus stop in Lyon? # Does the train start in Lyon?
When does the store close? = What time does the store close? = Until when is the shop open? # When does the store open? # When does the bank close?
How much does a stamp cost? = What is the price of a stamp? = What does a stamp cost? # How much does an envelope cost? # How much does a stamp weigh?
How do I renew my driver's license? = What is the process to renew a driving licence? = How can I get my driver's licence renewed? # How do I replace my driver's license? # How do I renew my library card?
What happens if I miss a payment? = What are the consequences of missing a payment? = What if I miss a payment? # What happens if I make a payment early? # What happens if I miss a flight?
How do I set up two-factor authentication? = How can I configure 2FA? = What do I have to do to set up 2-factor authentication? # How do I remove two-factor authentication? # How do I set up a fingerprint?
How do I export my data to CSV? = How can I download my data as CSV? = What's the way to export data in CSV format? # How do I import my data from CSV? # How do I export my data to JSON?
How do I add a user to my team? = How can I invite someone to my team? = What are the steps for adding a user to a team? # How do I remove a user from my team? # How do I add a user to my project?
Why was my payment declined? = What is the reason my payment was rejected? = How come my payment was declined? # Why was my payment delayed? # Why was my application declined?
What payment methods do you accept? = Which payment methods are accepted? = How can I pay? # What file formats do you accept? # What payment methods do you recommend?
Is there a free trial? = Do you offer a free trial? = Can I try it for free? # Is there a free plan? # How long is the free trial?
What is the difference between the basic and the pro plan? = How do the pro and basic plans differ? = Compare the basic plan with the pro plan # What is the difference between the basic and the team plan? # What does the pro plan cost?
What is the GDP of Germany? = How high is Germany's GDP? = What's the gross domestic product of Germany? # What is the GDP of Greece? # What is the debt of Germany?
When is Mother's Day? = On what date is Mother's Day? = What day is Mother's Day on? # When is Father's Day? # Why is Mother's Day celebrated?
How does a vaccine work? = Explain how vaccines work = What's the way in which a vaccine works? # How is a vaccine made? # How does an antibiotic work?
How is cheese made? = How do they make cheese? = What is the process of making cheese? # How is butter made? # How is cheese stored?
What is the chemical symbol for gold? = What's gold's chemical symbol? = Which symbol does gold have in the periodic table? # What is the chemical symbol for silver? # What is the atomic number of gold?
`;
