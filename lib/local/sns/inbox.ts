/** What SNS would have delivered. The local cloud sends nothing off the machine; people and tests read it here. */
export type Message = {
  id: string;
  at: Date;
  topicArn: string;
  subject?: string;
  body: string;
  attributes: Record<string, { type: string; value: string }>;
  /** Who would have got it, or null for a message that no subscription took. */
  to: { protocol: string; endpoint: string } | null;
  /** What SNS writes beneath a mail, with the link that ends the subscription. */
  footer?: string;
  /** Of a message that asks for it: what confirms the subscription. Whoever opens the link does so, without being known. */
  confirmation?: { subscriptionArn: string; token: string; url: string };
};

export const inbox = () => {
  const messages: Message[] = [];
  const listeners = new Set<(message: Message) => void>();
  return {
    deliver(message: Message) {
      messages.push(message);
      for (const listener of listeners) listener(message);
    },
    messages: () => [...messages],
    /** Calls the listener for every message from now on; returns what ends that. */
    on(listener: (message: Message) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
