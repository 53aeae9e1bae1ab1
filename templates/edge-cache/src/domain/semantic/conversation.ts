/** One message of a conversation, as the chat API has it; content that is no text is not for this decision. */
export interface Message {
  readonly role: string;
  readonly content: string;
}
