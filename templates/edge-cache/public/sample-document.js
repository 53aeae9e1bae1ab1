/** A document for those who have none at hand, and what it can be asked. */
export const SAMPLE_DOCUMENT = `# Handbook of the lamp shop

## Returns

A lamp may be returned within 45 days of its delivery. It has to be unused; its box may be open. The refund is paid within
5 working days after the lamp has arrived in our warehouse.

## Delivery

Orders placed before 14:00 leave the house on the same day. Delivery inside the country costs 4.90 and is free from 60 on.

## Warranty

Every lamp has a warranty of 3 years. Bulbs and batteries are not part of it.
`;

export const SAMPLE_QUESTION = "How many days do I have to return a lamp?";
