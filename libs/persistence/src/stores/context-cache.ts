import { type JobContext } from '@ecron/domain';

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
    const context = read(text);
    if (this.byText.size >= MAX_CONTEXTS) this.byText.delete(this.byText.keys().next().value ?? '');
    this.byText.set(text, context);
    return context;
  }
}

/** A text that no edit of ours can have written gives a context that no executor takes: its run fails, and no other. */
function read(text: string): JobContext {
  try {
    return JSON.parse(text) as JobContext;
  } catch {
    const info = { method: '', params: null, headers: null, body: null, kubernetes: null };
    const empty = { notify: { webhook: '' }, begin_at: '', end_at: '', execute_id: '' };
    return { mode: 'unreadable', exec: '', info, ...empty };
  }
}
