import { Sealer } from '@ecron/domain';

/** Seals nothing, but tells what was sealed. */
export class PlainSealer extends Sealer {
  readonly canSeal = true;

  seal(plain: string): string {
    return `sealed ${plain}`;
  }

  open(stored: string): string {
    if (!stored.startsWith('sealed ')) throw new Error('not sealed here');
    return stored.slice('sealed '.length);
  }

  isCurrent(): boolean {
    return true;
  }
}
