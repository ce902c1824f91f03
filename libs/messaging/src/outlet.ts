/** A message to a topic of others. */
export interface OutletMessage {
  /** Goes out as it is. */
  value: string;
  /** Those of one key stay in order, on Kafka; null: no order is promised. NSQ has no keys. */
  key: string | null;
  /** Beside the message, where the broker has room for it (Kafka). */
  headers: Readonly<Record<string, string>>;
}

/** Publishes to whatever topics the broker has beside our own. */
export interface Outlet {
  /** How people call the broker. */
  readonly broker: 'NSQ' | 'Kafka';
  readonly hasKeys: boolean;
  /** Why nothing is published to a topic of that name: "must …"; null: it may be one. */
  findTopicFault(topic: string): string | null;
  /** Resolves when the broker has it, or has said why not. Rejects when it is away: some of that may be published all the same. */
  publish(topic: string, message: OutletMessage): Promise<PublishResult>;
}

/** `isFinal`: no second try mends it. The text is for whoever wrote the job, and names no address. */
export type PublishResult = 'published' | { refusal: string; isFinal: boolean };
