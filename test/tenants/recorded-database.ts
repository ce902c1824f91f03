import { AsyncLocalStorage } from 'node:async_hooks';
import { type IncomingMessage, Server } from 'node:http';
import { Database } from '@ecron/persistence';

type Work<T> = Parameters<typeof Database.prototype.write<T>>[1];
type Sql = Parameters<Work<unknown>>[0];
type Values = readonly (string | number | null)[];

/** A statement that was carried out for a call, and what it found. */
export interface Statement {
  text: string;
  values: Values;
  rows: readonly Record<string, unknown>[];
}

/** What was carried out for one HTTP request, in its order. */
export interface Call {
  url: string;
  statements: Statement[];
}

const CURRENT = new AsyncLocalStorage<Call>();

/** Whatever comes of `work`, later too, is for no call. */
export const asideOfCalls = <T>(work: () => T): T => CURRENT.exit(work);

/** Makes every request that a server of this process gets a {@link Call}; returns how to leave off. */
export function followCalls(calls: Call[]): () => void {
  const { emit } = Server.prototype;
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
    const pass = (): boolean => Reflect.apply(emit, this, [event, ...args]) as boolean;
    if (event !== 'request') return pass();
    const call: Call = { url: (args[0] as IncomingMessage).url ?? '', statements: [] };
    calls.push(call);
    return CURRENT.run(call, pass);
  } as typeof emit;
  return () => {
    Server.prototype.emit = emit;
  };
}

/** Notes what is carried out for calls; routines of the process are no calls. */
export class RecordedDatabase extends Database {
  readonly dialect = this.inner.dialect;
  readonly capabilities = this.inner.capabilities;

  constructor(private readonly inner: Database) {
    super();
  }

  read<T>(text: string, values: Values = []): Promise<T[]> {
    return noted(CURRENT.getStore(), text, values, () => this.inner.read<T>(text, values));
  }

  browse<T>(text: string, values: Values = []): Promise<T[]> {
    return noted(CURRENT.getStore(), text, values, () => this.inner.browse<T>(text, values));
  }

  write<T>(priority: Parameters<Database['write']>[0], work: Work<T>): Promise<T> {
    // The work is carried out in its turn, whoever has brought the one before.
    const call = CURRENT.getStore();
    return this.inner.write(priority, (sql) => work(call === undefined ? sql : new RecordedSql(sql, call)));
  }

  call: Database['call'] = (priority, name, argument) => this.inner.call(priority, name, argument);

  clock(): Promise<number> {
    return this.inner.clock();
  }

  get pools(): Database['pools'] {
    return this.inner.pools;
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

class RecordedSql implements Sql {
  readonly dialect = this.inner.dialect;

  constructor(
    private readonly inner: Sql,
    private readonly call: Call,
  ) {}

  all<T>(text: string, values: Values = []): Promise<T[]> {
    return noted(this.call, text, values, () => this.inner.all<T>(text, values));
  }

  async run(text: string, values: Values = []): Promise<number> {
    this.call.statements.push({ text, values, rows: [] });
    return this.inner.run(text, values);
  }
}

async function noted<T>(
  call: Call | undefined,
  text: string,
  values: Values,
  carryOut: () => Promise<T[]>,
): Promise<T[]> {
  const rows = await carryOut();
  call?.statements.push({ text, values, rows: rows as Record<string, unknown>[] });
  return rows;
}
