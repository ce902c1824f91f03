import { type TenantScope } from '@ecron/domain';
import { OutputStore, type StoredOutput } from '@ecron/execution';
import { refuse } from '@ecron/jobs';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { type Follower, type ReadOutput } from './follower.js';

const LOOK_MS = 500;
/** Whoever follows has been let see the execution, and what is read once goes to all of them. */
const ALL_TENANTS: TenantScope = { allTenants: true };
/** To one node; one more is refused. */
export const MAX_FOLLOWERS = 200;
/** Of those, of one tenant (client id). */
export const MAX_FOLLOWERS_PER_TENANT = 40;

/**
 * Reads, twice a second, what the executions that callers follow have put out, whichever node runs them: one look
 * for all of them, and each changed output once.
 */
@Injectable()
export class OutputFollowers implements OnModuleDestroy {
  private readonly logger = new Logger('OutputFollowers');
  private readonly followers = new Set<Follower>();
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private isClosed = false;

  constructor(private readonly store: OutputStore) {}

  get size(): number {
    return this.followers.size;
  }

  /** @throws ApiError where as many follow as may, in all or of the tenant */
  refuseIfFull(tenantId: string): void {
    const own = [...this.followers].filter((follower) => follower.tenantId === tenantId);
    const isFull = this.followers.size >= MAX_FOLLOWERS || own.length >= MAX_FOLLOWERS_PER_TENANT;
    if (this.isClosed || isFull) throw refuse.tooManyFollowers();
  }

  add(follower: Follower): void {
    this.followers.add(follower);
    this.timer ??= setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  remove(follower: Follower): void {
    this.followers.delete(follower);
    if (this.followers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** The server waits for its answers to end. */
  onModuleDestroy(): void {
    this.isClosed = true;
    for (const follower of [...this.followers]) {
      follower.end();
      this.remove(follower);
    }
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    await this.lookOnce().catch((error: Error) =>
      this.logger.warn({
        event: 'output.read_failed',
        msg: `outputs cannot be read, tried again: ${error.message}`,
      }),
    );
    this.isLooking = false;
  }

  private async lookOnce(): Promise<void> {
    const followers = [...this.followers];
    const found = await this.store.look([...new Set(followers.map(({ executeId }) => executeId))]);
    const progressOf = new Map(found.map((progress) => [progress.executeId, progress]));
    const read = this.readOnce();
    for (const follower of followers) {
      const progress = progressOf.get(follower.executeId);
      if (progress === undefined || !this.followers.has(follower)) continue;
      await follower.advance(progress, read);
      if (follower.isDone) this.remove(follower);
    }
  }

  private readOnce(): ReadOutput {
    const known = new Map<string, Promise<StoredOutput[]>>();
    return (executeId, attempt) => {
      const key = `${executeId}/${attempt}`;
      const found = known.get(key) ?? this.store.read(ALL_TENANTS, executeId, attempt);
      known.set(key, found);
      return found;
    };
  }
}
