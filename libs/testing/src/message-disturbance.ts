import { type Disturbance } from '@ecron/messaging';

/** What a hostile queue does, on demand, one kind at a time; given to a `MemoryBus` as its `disturbance`. */
export class MessageDisturbance {
  private mode: 'none' | 'duplicate' | 'drop' | 'reverse' | 'hold' = 'none';
  private readonly held: (() => void)[] = [];

  readonly apply: Disturbance = (_topic, texts, deliver) => {
    switch (this.mode) {
      case 'none':
        return deliver(texts);
      case 'duplicate':
        return deliver(texts.flatMap((text) => [text, text]));
      case 'drop':
        return;
      case 'reverse':
        return deliver([...texts].reverse());
      case 'hold':
        this.held.push(() => deliver(texts));
    }
  };

  /** Every message comes twice. */
  duplicate(): void {
    this.mode = 'duplicate';
  }

  /** Every message is lost. */
  drop(): void {
    this.mode = 'drop';
  }

  /** Each batch comes last one first. */
  reverse(): void {
    this.mode = 'reverse';
  }

  /** Everything is kept back until `release`. */
  hold(): void {
    this.mode = 'hold';
  }

  /** Delivers what was kept back, the latest batch first, and ends every disturbance. */
  release(): void {
    this.mode = 'none';
    for (const deliver of this.held.splice(0).reverse()) deliver();
  }
}
