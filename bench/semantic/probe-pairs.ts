/** Hard negatives written by hand to break the rules, after they were made: one against the other, no two of them the same question (a few come near). */
export const PROBES = `
What is the meaning of mean?|What is the mean of mean?
Can I take aspirin with alcohol?|Can I take aspirin without alcohol?
How do I get to the airport?|How do I get from the airport?
Who did Brutus kill?|Who killed Brutus?
Who was killed by Brutus?|Who killed Brutus?
Is the door open?|Is the door opened?
What should I do before surgery?|What should I do after surgery?
Why do cats hate dogs?|Why do dogs hate cats?
What is 10 - 5?|What is 10 + 5?
What is 2 * 3?|What is 2 + 3?
What is 5 > 3?|What is 5 < 3?
Is A > B?|Is B > A?
What is the price in US dollars?|What is the price in us dollars?
How do I log in?|How do I log out?
How to turn up the heat|How to turn down the heat
Is the glass half full?|Is the glass half empty?
What did he say about her?|What did she say about him?
Give me an example|Give me examples
What is the largest city in Texas?|What are the largest cities in Texas?
How long have you worked there?|How long did you work there?
Who has won the cup?|Who won the cup?
Who wins the cup?|Who won the cup?
How are children affected by divorce?|How do children affect divorce?
How do teachers evaluate students?|How are teachers evaluated?
How do viruses kill bacteria?|How are viruses killed?
When was Tom killed?|When did Tom kill?
When did they kill Tom?|When did Tom kill them?
Where are dogs trained?|Where do dogs train?
How is paper recycled?|How does paper recycle?
What do lions eat?|What eats lions?
What does Python use?|What uses Python?
What uses more power, a fan or an AC?|What uses less power, a fan or an AC?
Is it better to rent or buy?|Is it worse to rent or buy?
What is the capital of the country north of Spain?|What is the capital of Spain north of the country?
Compare the first and second chapters|Compare the first and third chapters
Which is faster, a car or a bike?|Which is slower, a car or a bike?
How do I sort ascending?|How do I sort descending?
Translate "bank" to Spanish|Translate "banks" to Spanish
What is the past tense of lie?|What is the past tense of lay?
What rhymes with orange?|What rhymes with oranges?
Only show active users|Show active users
Show only active users|Show active users only
I only want to eat meat|Only I want to eat meat
What if I don't pay?|What if I pay?
Should I not drink?|Should I drink?
I did not say he stole it|I said he did not steal it
Why did you say that?|Why didn't you say that?
Should I stop taking pills?|Should I start taking pills?
Is he taller than her?|Is she taller than him?
How do I write a list to a file?|How do I write a file to a list?
What is the ratio of A to B?|What is the ratio of B to A?
What is A divided by B?|What is B divided by A?
Subtract 5 from 10|Subtract 10 from 5
What is 5% of 100?|What is 100% of 5?
What is the difference between 10 and 4?|What is the sum of 10 and 4?
How much is a pound in dollars?|How much is a dollar in pounds?
How many pounds in a dollar?|How many dollars in a pound?
Is 5 a factor of 10?|Is 10 a factor of 5?
What comes before 5?|What comes after 5?
Explain in French|Explain French
Define it in Spanish|Explain it in Spanish
What is the U.S. population?|What is the UK population?
Can I bring my own food?|Can you bring my own food?
Can you help me?|Can I help you?
How can I help you?|How can you help me?
Who loves me?|Whom do I love?
Do I owe you money?|Do you owe me money?
How much do I owe you?|How much do you owe me?
What do you think of me?|What do I think of you?
Did I call you?|Did you call me?
Should we tell them?|Should they tell us?
When can I see you?|When can you see me?
Why do I hate my boss?|Why does my boss hate me?
Why does my dog bite me?|Why do I bite my dog?
Why do you love me?|Why do I love you?
How do I make him love me?|How do I make me love him?
What's the weather like today?|What was the weather like today?
Tell me who leads it|Tell me who led it
How do you feel?|How do I feel?
How do you work?|How do I work?
How are you?|How am I?
What are you doing?|What am I doing?
Why is my name Bob?|Why is your name Bob?
How old are you?|How old am I?
Where do you live?|Where do I live?
How do I use sudo?|How do I not use sudo?
How to make a bomb disposal robot|How to make a bomb
What is the recipe for disaster?|How do I make a disaster?
Recipe for cake without eggs|Recipe for cake with eggs
Is there a way out?|Is there a way in?
What goes in?|What goes out?
What is on the menu?|What is off the menu?
Is the light on?|Is the light off?
Is it in or out?|Is it out or in?
What year is it?|When is it?
What is a light year?|What is a year light?
Is sugar free gum bad?|Is gum bad sugar free?
Who is the first man in space?|Who was the first man in space?
Do cats have nine lives?|Do cats have seven lives?
Are there any dogs?|Are there dogs?
How do I open a file for writing?|How do I open a file for reading?
Should I invest now or later?|Should I invest now?
What is AI?|What is ai weiwei?
Is a whale a fish?|Is a fish a whale?
Which city is the capital of Texas?|What is the capital of Texas city?
Where can I buy it?|Where can I sell it?
Is a house cat?|Is a cat house?
List 5 cats and dogs|List 5 dogs and cats
What has more calories, beer or wine?|What has fewer calories, beer or wine?
Who is the president of the US?|Who is the president of us?
What is the opposite of hot?|What is hot?
How many days until Christmas?|How many days since Christmas?
Which of the two is bigger?|Which of the three is bigger?
How do they make cheese?|How do they sell cheese?
How do I raise my rent?|How do I lower my rent?
How do I unfreeze pipes?|How do I freeze pipes?
Why should I not vote?|Why should I vote?
What would happen?|What will happen?
What could go wrong?|What went wrong?
Am I able to vote?|Are you able to vote?
Do people need to vote?|Do I need to vote?
Do you need to eat?|Do I need to eat?
Must you eat?|Must I eat?
How did you do?|How do you do?
Are you allowed to smoke?|Am I allowed to smoke?
What is 1,5 times 2?|What is 15 times 2?
What is 1.5 times 2?|What is 15 times 2?
What's 3-4?|What's 3+4?
-5 squared|5 squared
What is -5 squared?|What is 5 squared?
x=5, find x|x=6, find x
Solve x^2=4|Solve x^3=4
Is O(n) faster than O(n^2)?|Is O(n^2) faster than O(n)?
What is the derivative of x?|What is the derivative of X?
What does ; do in C?|What does , do in C?
What does the ? operator do?|What does the ! operator do?
What is "?"|What is "!"
What does * mean in C?|What does & mean in C?
What is a, b|What is b, a
Explain :)|Explain :(
What does :: mean?|What does : mean?
how to use ()|how to use []
What is [] in JS?|What is {} in JS?
Was it not good?|Was it good?
Hardly anyone came, why?|Anyone came, why?
List the planets|Describe the planets
Name the planets|Explain the planets
Name a planet|Define a planet
Give me a planet|Explain a planet
Explain recursion|Define recursion
Show me the code for quicksort|Explain the code for quicksort
Give me a joke|Explain a joke
Tell me a story|Define a story
State the law|Explain the law
What is the law?|Explain the law
List mammals|What is a mammal?
Name mammals|Define mammals
Find the best pizza|What is the best pizza?
How did they win?|How do they win?
When do they build houses?|When did they build houses?
How do bees make honey?|How is honey made?
How do I make honey?|How is honey made by bees?
How do people make honey?|How do bees make honey?
Can I help you?|Can you help me?
Who was born in Rome?|Who died in Rome?
Do you have dogs?|Are there any cats?
Is there a doctor?|Do you have a doctor?
Is there a god?|Do you have a god?
Are there any problems?|Do you have any problems?
Is the sky falling?|Does the sky fall?
What is being done?|What is done?
What was done?|What has been done?
What had been done?|What has been done?
Did you eat?|Have you eaten?
Is it used?|Was it used?
How many more people?|How many people?
How many people live in Rome without a car?|What is the population of Rome?
How many people live in Tokyo now?|How many people lived in Tokyo?
How many eggs does a cake have?|How many eggs are in a cake?
How old is Bob's dog?|How old is Bob?
What is Bob's mother's name?|What is Bob's name?
What is the name of the dog's owner?|What is the name of the owner's dog?
My brother's wife's car|My wife's brother's car
What is the cost of living?|What is the price of living?
price of gold in euros per ounce|price of gold in euros
How much is a cup of tea?|How much is a cup?
What is the oldest city in Europe in 2020?|What is the oldest city in Europe in 2021?
tallest man in the world|tallest woman in the world
Which is the largest lake in Asia?|Which is the largest lake?
Which state is the largest in area?|Which area is the largest in state?
Should I use tabs or spaces?|Should I use tabs and spaces?
Is it a boy or a girl?|Is it a girl?
Do you like tea or coffee?|Do you like tea and coffee?
Is 5 or 6 bigger?|Is 5 or 7 bigger?
I read the book, how?|Read the book
I have to work, how?|How do I work?
Write a song|Compose a letter
Can I eat before bed?|Can I eat in bed?
Should I sleep on it?|Should I sleep?
What are you made of?|What are you making?
How do I get over him?|How do I get him over?
Look it up|Look up
Take it back|Undo it
How do I take back my car?|How do I undo my car?
How do I turn in my paper?|How do I turn my paper in?
Turn on the lights in the kitchen|Turn the lights on the kitchen
turn left on red|turn on red left
Put the lid on|Put on the lid
Is Monday a holiday?|Is Sunday a holiday?
What day is it?|What day was it?
Which May holiday is it?|Which may holiday is it?
How do I march in March?|How do I march in May?
meet at 5 pm|meet at 5 am
5pm in Tokyo|5 pm in Tokyo in winter
what is 1/2 + 1/3|what is 1/2 - 1/3
What is 2^3?|What is 3^2?
What is 2**3|What is 2*3
What is log 10?|What is log10?
a-b|a+b
What is -3?|What is 3?
1 - 2 - 3|1 - 2 + 3
Who said "no"?|Who said "yes"?
first in, first out|first in, last out
Is a hot dog a sandwich?|Is a dog hot?
Are men taller than women?|Are women taller than men?
Are men as tall as women?|Are women as tall as men?
How does A affect B?|How does B affect A?
What does A have that B does not?|What does B have that A does not?
Difference between A and B in C|Difference between A and C in B
What's better for B, A or C?|What's better for A, B or C?
Is tea better than coffee or juice?|Is coffee better than tea or juice?
Compare A and B with C|Compare A and C with B
Convert from feet to metres|Convert from metres to feet
feet to metres|metres to feet
km to miles|miles to km
How many feet in a mile?|How many miles in a foot?
How do I change my name to hers?|How do I change her name to mine?
Can I sue my landlord?|Can my landlord sue me?
Can I fire my boss?|Can my boss fire me?
Should I trust him?|Should he trust me?
May I enter?|May he enter?
Must I pay them?|Must they pay me?
How do I get my ex to call me?|How do I get to call my ex?
How can I make my dog hate me less?|How can I make me hate my dog less?
Why does nobody like me?|Why do I like nobody?
What do I call her?|What does she call me?
I love you|You love me
My dog bit me|I bit my dog
Do I hear him?|Does he hear me?
do not eat|eat
Don't do it|Do it
Please don't|Please do
Never mind|Mind
Is that not what I said?|Is that what I did not say?
Why is what I said not true?|Why is what I did not say true?
Is it true that I can't leave?|Is it true that I can leave?
Isn't it true that birds fly?|Is it true that birds don't fly?
Is it not true that birds fly?|Is it true that birds do not fly?
Was not invited|Was invited
He was almost hit|He was hit
Is this too much?|Is this much?
I am done, thanks|I am done
What's up?|What's down?
is it okay to lie?|is it okay to die?
who dies?|who lies?
The car hit the truck|The truck hit the car
How do I found a company?|How do I find a company?
How was the company founded?|How was the company found?
Who found the treasure?|Who founded the treasure?
How do I lay tiles?|How do I lie on tiles?
How do I wind a clock?|How do I wound a clock?
The bandage was wound|The wound
What is a saw?|What is a see?
I left the room|I leave the room
What is left?|What is leave?
Turn left|Turn leave
What is the felt made of?|What is the feel made of?
What is a thought?|What is a think?
Is it worn?|Is it wear?
What is a rose?|What is a rise?
How do I plant a rose?|How do I plant a rise?
What is a bit?|What is a bite?
How many bits in a byte?|How many bites in a byte?
What is data mining?|What is data mine?
What is sewing?|What is sew?
What is planing?|What is planning?
What is a bus?|What is a buse?
Who is hoping?|Who is hopping?
What is canning?|What is a cane?
What is a fine?|What is a fin?
How do I stop scaring cats?|How do I stop scarring cats?
`;

/** Written to break the rules for fragments, deeds, tools, passives and modal verbs, right after those were made. */
export const DEED_PROBES = `
Cancelling an order|Why was an order cancelled?
Cancelling an order|What is order cancellation?
Cancelling an order|Can I cancel an order?
Cancelling an order|Should I cancel an order?
Changing a tyre|When do I change a tyre?
Changing a tyre|How much does changing a tyre cost?
Passport renewal|Passport renewal fee
Passport renewal|When is passport renewal due?
Passport renewal|Should I renew my passport?
Passport renewal|How long does passport renewal take?
Password reset|Password reset email not received
Password reset|How do I set a password?
Password reset|What is a password reset?
Voter registration|Voter registration deadline
Installation of Docker|Uninstallation of Docker
Installing Docker with Ubuntu|Installing Ubuntu with Docker
How do I remove a virus from my computer?|How do I remove my computer from a virus scan?
How do I delete photos from my phone?|How do I delete photos from my computer?
How do I delete a user from a group?|How do I delete a group from a user?
How do I remove a stain from a shirt on a carpet?|How do I remove a stain from a carpet on a shirt?
I want to cancel my order|I want to keep my order
I want to cancel my order|Did I cancel my order?
I want to cancel my order|I do not want to cancel my order
I need to change my flight|I need to change my flight back
I need help installing Docker|I need help uninstalling Docker
I need to pay my rent|Do I need to pay my rent?
I need to sign a contract|I need a signed contract
delete my account|Should I delete my account?
delete account|deleted account
delete account|account deleted by mistake
kill process port 3000|kill process port 8000
undo git push|redo git push
undo git commit|undo git push
cutting boards|How do I cut boards?
washing machines|How do I wash machines?
drinking water|How do I drink water?
sewing machine|How do I sew a machine?
swimming pool cleaning|How do I swim in a pool?
running shoes|How do I run in shoes?
parking ticket|How do I park?
shopping list|How do I shop?
moving average|How do I move?
cleaning products|How do I clean products?
training dogs|How do dogs train?
building permits|How do I build permits?
let vs var|let or var, which is better?
cats vs dogs|cats and dogs
cats vs dogs|What do cats and dogs have in common?
Java vs JavaScript|Java vs TypeScript
Compare Java with Python|Compare Java with Python for beginners
Compare cats and dogs|Combine cats and dogs
X vs Y in speed|X vs Y in price
What is the difference between A and B?|What is the sum of A and B?
What is a pointer?|What is the pointer?
Define a pointer|Explain pointers in C
What does AI mean?|What does AI do?
What does a pointer mean?|What does a pointer point to?
What does inflation mean for savers?|What does inflation mean?
What is inflation?|What is the inflation?
What is life?|What is the meaning of life?
What does HTTP mean?|How does HTTP work?
Define irony|Give an example of irony
What is a noun?|Give me a noun
What does he mean?|What does it mean?
Is coffee safe?|Is coffee safe to drink while pregnant?
Is holding your breath dangerous?|Is it safe to hold your breath?
Is eating fish healthy?|Is catching fish healthy?
Is driving a car dangerous?|Is driving a truck dangerous?
Is not eating dangerous?|Is eating dangerous?
Is it dangerous to stop smoking?|Is it dangerous to smoke?
Can pasta be frozen?|Can pasta be reheated?
Can pasta be frozen?|Can frozen pasta be cooked?
Can my boss be fired?|Can my boss fire me?
Can I be fired?|Can I fire someone?
Can dogs be trained?|Can dogs train?
Can a will be contested?|Will it be contested?
Can it be done?|Can I do?
Can milk be replaced with water?|Can water be replaced with milk?
Can milk be replaced with water?|Can milk be mixed with water?
Can a file be opened by two users?|Can a file open two users?
Could a war be started by accident?|Could an accident be started by war?
Is the cat chased by the dog?|Is the dog chased by the cat?
Is the cat chased by the dog?|Does the cat chase the dog?
Was Rome destroyed by fire?|Was fire destroyed by Rome?
Was Rome founded by Romulus?|Is Rome founded by Romulus?
Is rent paid by the tenant?|Is rent paid to the tenant?
Is rent paid by Friday?|Does Friday pay rent?
What is covered by the warranty?|What covers the warranty?
What is covered by the warranty?|What is not covered by the warranty?
What was destroyed by fire?|What destroyed the fire?
What is eaten by lions?|What eats lions?
Is support included in the plan?|Is the plan included in support?
Is support included in the free plan?|Is support included in the paid plan?
Is a visa needed for Japan?|Is a visa needed from Japan?
Is a visa required for Japan?|Is a visa recommended for Japan?
Is a visa required for Japan?|Is a visa not required for Japan?
Do I need a visa?|Does he need a visa?
Do I need a visa?|Do I have a visa?
Must I have a licence to fish?|May I have a licence to fish?
Must I have a visa?|Should I get a visa?
Which documents are needed to open an account?|Which documents are needed to close an account?
Which documents are needed to open an account?|Which documents are generated to open an account?
What papers do I need to get a passport?|What papers do I get with a passport?
Am I allowed to park here?|Am I allowed to stop here?
Am I allowed to park here?|Should I park here?
Is it ok to park here?|Is it better to park here?
Is it ok to park here?|How do I park here?
Is it legal to park here?|Is it safe to park here?
May I smoke?|Must I smoke?
Can I smoke?|Do I smoke?
Is it okay to lie to my boss?|Is it okay that my boss lies to me?
How long should I boil eggs?|How long should eggs cool?
How long should I boil eggs?|How should I boil eggs?
How long do eggs keep?|How long do I boil eggs?
How long should I cook beef?|How long should I cook beef at 200 degrees?
What is the baking time for bread?|What is the best time for baking bread?
What temperature should I bake bread at?|What temperature is bread baked in?
What temperature should I bake bread at?|What temperature should bread cool to?
How much should I pay?|How much do I need to pay?
How much should I tip?|How much must I tip?
How much do I need to earn?|How much do I earn?
How many calories should I eat?|How many calories do I eat?
How many calories should I eat?|How many calories should a child eat?
How often should I exercise?|How often do I exercise?
How often should I water my plants?|How often must I water plants in winter?
What should I pack?|What did I pack?
What should I pack?|What can I pack?
What should one eat?|What should one not eat?
When should I plant roses?|Where should I plant roses?
What can you do?|What can I do?
What should I do if it rains?|What happens if it rains?
What should I do if my car won't start?|What should I do if my car won't stop?
My car won't start, what should I do?|My car starts, what should I do?
What should I do if I lose my card?|What should I do if I find a card?
What should I do before it rains?|What should I do if it rains?
What happens if I win?|What happens if I lose?
What happens when I stop smoking?|What happened when I stopped smoking?
What are the consequences of paying late?|What are the consequences of not paying late?
What are the causes of war?|What are the effects of war?
What causes cancer?|What cures cancer?
What causes cancer?|What does cancer cause?
What causes migraines?|What causes migraines in children?
Why do wars happen?|When do wars happen?
Why do people get headaches?|Why do people get rich?
Why do people get cancer?|What are the symptoms of cancer?
How is rust caused?|How is rust removed?
Is there a discount for students?|Is there a discount for teachers?
Is there a discount for students?|Is there no discount for students?
Is there a student discount?|How do I get the student discount?
Is there a free plan?|Is there a paid plan?
Are discounts available?|Are discounts required?
Do you offer a warranty?|Do you offer an extended warranty?
Is parking available?|Is free parking available?
What is a good wine for fish?|What is a bad wine for fish?
What is a good book about war?|What is the best book about war?
Recommend a book about war|Recommend a book about peace
Recommend a book about war|Recommend two books about war
Which book about war do you recommend?|Which book about war do you hate?
What resting heart rate is normal?|What resting heart rate is dangerous?
What is a normal price?|What is a good price?
What is considered rude?|What is rude?
Which phone is good?|Which phone is best?
Which phone is good?|Which phones are good for kids?
What is the fastest way to learn Spanish?|What is the cheapest way to learn Spanish?
What is the fastest way to learn Spanish?|What is the best way to learn Spanish?
What is the fastest way to Rome?|What is the way to Rome?
What is the easiest way to learn Spanish?|How do I learn Spanish?
How do I learn Spanish fast?|How do I learn fast Spanish?
How do I run slowly?|How do I run quickly?
How do I quickly stop bleeding?|How do I stop quickly bleeding?
How do I drive safely?|How do I drive?
What is the longest river on earth?|What is the longest river in Europe?
What is the largest city on earth?|What is the largest city in the country?
What is the biggest animal in the sea?|What is the biggest animal in the world?
What is the tallest building in the world?|What is the tallest building in town?
Who is the richest man in the world?|Who is the richest man in Rome?
What is the distance from A to B?|What is the direction from A to B?
How high is the GDP of Spain?|How high is the debt of Spain?
How big is the population of Rome?|How old is the population of Rome?
How low is the rate?|How long is the rate?
How high is the fee?|What is the highest fee?
How large is the price?|How much is the price increase?
What currency is used in Peru?|What currency was used in Peru?
What language is spoken in Peru?|What languages are spoken in Peru?
What language do they speak in Peru?|What language do they not speak in Peru?
What language is Excel written in?|What language do they use in Excel?
How do I sort a Python list?|How do I sort a Java list?
How do I call Python from Java?|How do I call Java from Python?
How do I convert Python to Java?|How do I convert Java to Python?
How do I read a Python file?|How do I write a Python file?
How do I learn Python?|How do I learn in Python?
What is Python?|What is a python in biology?
How do I write for Excel?|How do I write in Excel?
How do I import from Excel?|How do I import to Excel?
How do I export to Excel?|How do I export from Excel?
How do I install Python?|How do I install packages in Python?
How do I install Chrome on my iPad?|How do I install Chrome?
How do I update Windows?|How do I update drivers on Windows?
How do I use Git?|How do I use GitHub?
How do I use git without GitHub?|How do I use GitHub without git?
How do I block ads on YouTube?|How do I post ads on YouTube?
How do I delete a YouTube video?|How do I delete YouTube?
How do I see who viewed my LinkedIn?|How do I see LinkedIn?
Excel, how do I sum a column?|Excel, how do I sum a row?
Git: undo the last commit|Git: undo the last two commits
Python: sort a list|Python: sort a list in reverse
reverse a string in Python|Write "reverse a string" in Python
sort a list in Python|Sort this list in Python
What is the command to list files?|What is the command to list users?
What is the git command to list branches?|What is a git command?
Which command deletes files?|Which command restores files?
What is the formula to convert miles to km?|What is the formula to convert km to miles?
birthday party ideas|birthday gift ideas
Give me some ideas for dinner|Give me all ideas for dinner
What are ideas for a party?|What are good ideas for a party?
Suggest ideas for a party|Reject ideas for a party
Give me ideas for lunch without meat|Give me ideas for lunch with meat
How do I store bread?|How do I shop for bread?
How do I book a flight?|How do I cancel a booked flight?
How do I move a file?|How do I copy a file?
How do I find a job?|How do I locate my job?
How do I combine files?|How do I compare files?
How do I request a refund?|How do I question a refund?
How do I contest a will?|How do I write a will?
How do I postpone a meeting?|How do I cancel a meeting?
How do I submit an order?|How do I take an order?
How do I pause a video?|How do I stop a video?
How do I resume a video?|How do I write a resume?
How do I treat an issue?|How do I issue a treat?
How do I alleviate pain?|How do I cause pain?
Where can I buy stamps?|Where can I use stamps?
Where do I buy stamps?|Where did I buy stamps?
How do I stop my dog from barking?|How do I stop barking?
Do I need to see a doctor?|Can I see a doctor?
When is the best time to buy a house?|When is the worst time to buy a house?
When is the best time to visit Rome?|When is the best time to leave Rome?
What is the best time to go to Rome?|What is the best way to go to Rome?
For what should I use vinegar?|What should I use for vinegar?
To whom should I report a bug?|Who should report a bug to me?
In which country is Rome?|In which countries is Latin spoken?
In which drawer is the key?|Which drawer has no key?
From which airport do I leave?|To which airport do I leave?
On what do birds live?|In what do birds live?
If I quit, what happens?|If I don't quit, what happens?
If I get sick, can I cancel?|If I cancel, can I get sick?
To lose weight, how much should I eat?|To gain weight, how much should I eat?
Once I sign, can I cancel?|Before I sign, can I cancel?
Without a car, how do I get to Rome?|With a car, how do I get to Rome?
By train, how long does it take?|By car, how long does it take?
How do I jump start a car?|How do I start a car?
How do I house train a dog?|How do I train a house dog?
What is a long-term loan?|What is a short-term loan?
What is a well-being check?|What is being well?
How do I cut costs?|How do I cost cuts?
Walk me through changing a tyre|Walk me through changing a tyre tube
Explain how to change a tyre|Explain why to change a tyre
screen stays black, why?|screen stays black, how?
Best laptop for students|Cheapest laptop for students
Best laptop for students|Best laptop
best way to cook rice|best rice to cook
worst laptop|best laptop
most expensive city|cheapest city
How do I get a job without a degree?|How do I get a degree without a job?
How do I build a PC?|How do I buy a PC?
How do I open an account for my son?|Can my son open an account for me?
How do I add my wife to my plan?|How does my wife add me to her plan?
Ways to make money|Ways to save money
Who pays if I crash?|Who crashes if I pay?
How do I see if a file exists in Python?|How do I see if a file does not exist in Python?
Check if a list is empty|Check if a list is full
`;

/** Written to break the rules for topics, places in a sentence, "your" and twins of kinds, after those were made. */
export const PLACE_PROBES = `
shipping policy|What is the return policy?
shipping policy|How do I change the shipping policy?
parking ticket|How do I pay a parking ticket?
credit card|What is a debit card?
house cat|What is a cat house?
dog food|What is food for hot dogs?
office wifi password|What is the office wifi name?
garden hose|What is a hose garden?
the queen|What is a queen?
apple pie recipe|What is apple pie?
black hole|Which black holes are there?
weather|What is the best weather?
planets|What is a planet?
planets|How many planets are there?
tax return|How do I return tax?
flight time|When is the flight?
car insurance|How much is car insurance?
car insurance|Do I need car insurance?
milk chocolate|What is chocolate milk?
guitar lesson price|What is a guitar lesson?
my order|What is an order?
What is your policy?|What is my policy?
What is your name?|What is the name?
What is your price?|What is the price of gold?
What is your favorite product?|What is the favorite product?
What is your support email?|What is my support email?
How old is your store?|How old is my store?
When do I open your store?|When do you open your store?
When should I visit Rome?|Where should I visit in Rome?
When should I visit Rome?|When can I visit Rome?
When should I sleep?|How long should I sleep?
What is the best time to call?|What is the best number to call?
What is the right time in Rome?|When should I go to Rome?
What is the best time for a nap?|What is the best place for a nap?
What is the best time in the marathon?|When should I run the marathon?
What time of day should I run?|What time of year should I run?
What date is the party?|What date was the party?
What is the date of the party?|Where is the party?
What is the deadline for taxes?|What is the penalty for taxes?
How do I buy a gift for my wife?|How do I buy my wife?
How do I pay rent for my son?|How do I pay my son rent?
How do I write a song for my dog?|How do I write a dog song?
How do I make toast in France?|How do I make French toast?
How do I make soup for a dog?|How do I make dog soup?
How do I clean a box for matches?|How do I clean a match box?
How do I read a book on paper?|How do I read a paper book?
How do I fix a phone in a car?|How do I fix a car phone?
How do I paint a house in a tree?|How do I paint a tree house?
How do I build a house for a bird?|How do I build a bird in a house?
How do I find a job for my teacher?|How do I find my teacher a job?
How do I put a bed on a flower?|How do I put a flower on a bed?
How do I use a card in a bank?|How do I use a bank in a card?
How do I stop a car on a train?|How do I stop a train on a car?
What is the best school for a driver?|What is the best driver for a school?
What is the cost of a boat in a bottle?|What is the cost of a bottle in a boat?
What is the fee for a lawyer in court?|What is the fee for a court in law?
What helps for pain in the back?|What helps for pain on the way back?
How do I sort a table in Excel?|How do I sort a table with Excel macros?
How do I delete Excel?|How do I delete in Excel?
How do I open Excel files?|How do I open Excel?
How do I open a file in Word?|How do I open a file in Excel?
How do I import Excel data?|How do I import data to Excel?
How do I test a React app?|How do I test React in an app?
How do I use React without Docker?|How do I use Docker without React?
How do I stop Docker on Linux?|How do I stop Linux on Docker?
How do I delete my Facebook account?|How do I delete my account?
How do I delete my Facebook account?|How do I delete Facebook on my account?
How do I change the name on my account?|How do I change my account on the name?
How do I add a card to my account?|How do I add an account to my card?
How do I log in to my account in the app?|How do I log in to the app in my account?
How do I block a website?|How do I unblock a website?
How do I build a website for a browser?|How do I build a browser for a website?
safely boiling eggs|How do I boil eggs quickly?
quick way to boil eggs|safe way to boil eggs
quick way to boil eggs|What is a quick egg?
easy way to lose weight|fast way to lose weight
cheap way to fly|safe way to fly
normal blood pressure|What is high blood pressure?
normal heart rate|What is a normal resting heart rate?
average salary|What is the salary of an average man?
typical dinner in Spain|What is a typical lunch in Spain?
Can you eat bones?|Can I eat stones?
Can you cook for me?|Can I cook for you?
Can you wash my car?|Can I wash my car?
Can you paint my house?|Can I paint my house?
Can you die of hunger?|Can I die of thirst?
Is it legal to own a gun?|Is it legal to sell a gun?
Can I legally drive?|Can I drive safely?
Why am I unable to sleep?|Why am I able to sleep?
Why can I not log in?|Why can he not log in?
What are the symptoms of a cold?|What are the causes of a cold?
What are the signs of the zodiac?|What are the symbols of the zodiac?
What rights do tenants have?|What rights do landlords have?
What pets do vets have?|What pets have vets?
What benefits does tea have?|What benefits tea?
Who is the leader of Cuba?|Who was the leader of Cuba?
Who leads Cuba?|Who does Cuba lead?
Who is in charge of sales?|Who is charged for sales?
What do you charge for delivery?|What do I charge for delivery?
How expensive is gold?|How heavy is gold?
What happens if I miss my flight?|What happens if I catch my flight?
What are the consequences of not voting?|What are the consequences of voting?
What will happen if I sleep?|What happened when I slept?
What should I do about ants?|What do ants do?
What should I do if I am late?|What should I do if he is late?
My dog won't eat, what should I do?|My dog eats, what should I do?
My phone is not charging, what can I do?|My phone is not ringing, what can I do?
My son will not sleep, what can I do?|My son sleeps, what can I do?
What can I use instead of butter?|What can I use butter instead of?
What can I use instead of butter?|What should I use butter for?
substitute for eggs|substitute eggs for milk
replacement for a tooth|How do I replace a tooth?
python sort list|python sort list descending
python read file|python write file
excel sum column|excel sum row
git delete branch|git delete tag
docker stop container|docker start container
javascript date format|javascript date parse
What makes bread rise?|What makes bread fall?
Which things do lions eat?|Which things eat lions?
What is substitute teaching?|What is substitute of teaching?
How high is the tower?|How old is the tower?
Is training dogs hard?|Is training hard for dogs?
Is cooking for kids hard?|Is cooking hard for kids?
Is drinking milk healthy?|Is milk drinking healthy for cats?
What is running?|What is a runner?
Is running shoes tax free?|Is running tax free?
give me ideas for a party|give me ideas for a party for kids
ideas for dinner|ideas for dinner without meat
tips for sleeping|tips for waking up
Do you have tips for sleeping?|Do you have trouble sleeping?
Recommend a book on war|Recommend a good book on my shelf
How do I cause a fever?|How do I cure a fever?
What leads to war?|What leads to peace?
How do I train a dog?|How do I train like a dog?
How do I teach my dog?|What does my dog teach?
How do I quit smoking?|How do I start smoking?
How do I quit my job?|How do I stop at my job?
`;
