import { type JobContext } from '@ecron/domain';
import { toContext } from './mapping.js';

const MAX_CONTEXTS = 5_000;

/**
 * Contexts by their text, read once: runs of one job share the object, so nobody may change it. Texts are at most
 * some 10 KB, which bounds it; at the bound the oldest entry goes.
 */
export class ContextCache {
  private readonly byText = new Map<string, JobContext>();

  get(text: string): JobContext {
    const known = this.byText.get(text);
    if (known !== undefined) return known;
    const context = toContext(text);
    if (this.byText.size >= MAX_CONTEXTS) this.byText.delete(this.byText.keys().next().value ?? '');
    this.byText.set(text, context);
    return context;
  }
}
