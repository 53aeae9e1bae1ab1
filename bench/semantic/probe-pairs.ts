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
