/** Questions to try: one, the same in other words, and one that only looks the same. */
export const EXAMPLES = [
  {
    name: "Orders",
    question: "How do I cancel my order?",
    rephrased: "How can I cancel my order?",
    lookalike: "How do I cancel my subscription?",
  },
  {
    name: "Capitals",
    question: "What is the capital of Norway?",
    rephrased: "What's the capital of Norway?",
    lookalike: "What is the capital of Sweden?",
  },
  {
    name: "Dogs",
    question: "Which foods are safe for dogs?",
    rephrased: "What foods are safe for dogs?",
    lookalike: "Which foods are not safe for dogs?",
  },
];
