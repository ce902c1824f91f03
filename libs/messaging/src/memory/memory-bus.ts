import { Logger } from '@nestjs/common';
import { MemoryGroup, type Receiver } from './memory-group.js';

/**
 * Stands between publishing and handing out; tests use it to repeat, hold back, reorder or drop messages.
 * `deliver` may be called any number of times, at any time. `texts` are JSON.
 */
export type Disturbance = (
  topic: string,
  texts: readonly string[],
  deliver: (texts: readonly string[]) => void,
) => void;

export interface MemoryBusOptions {
  /** Messages that may wait for one group on one topic; the oldest is dropped beyond it. Default 100 000. */
  queueBound?: number;
  /** Messages that one member of a group handles at a time. Default 100. */
  inFlight?: number;
  disturbance?: Disturbance;
}

/** What happened to messages that no handler finished, since the start. */
export interface MemoryBusStats {
  dropped: number;
  givenUp: number;
}

/**
 * The queue of a process that is all by itself. Every group of a topic gets every message; the members of a
 * group share them. What is published while nobody listens is gone, as is all of it when the process ends:
 * the ledger is the database.
 */
export class MemoryBus {
  private readonly logger = new Logger(MemoryBus.name);
  private readonly topics = new Map<string, Map<string, MemoryGroup>>();
  private readonly total: MemoryBusStats = { dropped: 0, givenUp: 0 };
  private readonly options: Required<MemoryBusOptions>;

  constructor(options: MemoryBusOptions = {}) {
    const undisturbed: Disturbance = (_topic, texts, deliver) => deliver(texts);
    this.options = { queueBound: 100_000, inFlight: 100, disturbance: undisturbed, ...options };
  }

  publish(topic: string, texts: readonly string[]): void {
    this.options.disturbance(topic, texts, (delivered) => {
      for (const group of this.topics.get(topic)?.values() ?? []) group.push(delivered);
    });
  }

  /** Answers what ends the subscription; that resolves when the receiver has finished what it was handling. */
  subscribe(topic: string, groupName: string, receiver: Receiver): () => Promise<void> {
    const group = this.groupOf(topic, groupName);
    const leave = group.join(receiver);
    return async () => {
      const left = leave();
      if (group.isDeserted) this.remove(topic, groupName, group);
      await left;
    };
  }

  stats(): MemoryBusStats {
    const groups = [...this.topics.values()].flatMap((byName) => [...byName.values()]);
    return groups.map((group) => group.stats).reduce(add, this.total);
  }

  private groupOf(topic: string, name: string): MemoryGroup {
    const groups = this.topics.get(topic) ?? new Map<string, MemoryGroup>();
    this.topics.set(topic, groups);
    const group = groups.get(name) ?? this.makeGroup(topic, name);
    groups.set(name, group);
    return group;
  }

  private makeGroup(topic: string, name: string): MemoryGroup {
    const { queueBound, inFlight } = this.options;
    const onOverflow = () =>
      this.logger.warn({
        event: 'message.dropped',
        msg: `more than ${queueBound} messages wait on ${topic} for ${name}: the oldest are dropped`,
      });
    return new MemoryGroup({ queueBound, inFlight, onOverflow });
  }

  private remove(topic: string, name: string, group: MemoryGroup): void {
    if (this.topics.get(topic)?.get(name) !== group) return;
    this.topics.get(topic)?.delete(name);
    Object.assign(this.total, add(this.total, group.stats));
  }
}

function add(a: MemoryBusStats, b: MemoryBusStats): MemoryBusStats {
  return { dropped: a.dropped + b.dropped, givenUp: a.givenUp + b.givenUp };
}
