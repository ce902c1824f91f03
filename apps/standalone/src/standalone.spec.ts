import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { createServer as createHttpServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, loadConfig } from '@ecron/config';
import { DataFolder, DataFolderError, NewerSchemaError, openSqlite } from '@ecron/persistence';
import { ListenError, openPlatform, startServices } from '@ecron/platform';
import { type LoggerService } from '@nestjs/common';
import { eventually } from '../../../test/support/eventually.js';
import { SERVICES } from './standalone.js';

interface Standalone {
  management: string;
  analysis: string;
  cutRuns: number;
  stop(): Promise<void>;
}

const SILENT = { log: () => undefined, error: () => undefined, warn: () => undefined } as LoggerService;
const API = '/api/ecron-management/v1';

describe('the standalone process', () => {
  let folder: string;
  let running: Standalone[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ecron-'));
    running = [];
  });
  afterEach(async () => {
    for (const one of running) await one.stop();
    rmSync(folder, { recursive: true });
  });

  const configOf = (env: Record<string, string> = {}): Config =>
    loadConfig(
      { ECRON_DATA_DIR: folder, ECRON_CRON_PORT: '0', ECRON_ANLYS_PORT: '0', ECRON_CONFIG: '', ...env },
      folder,
    );
  const start = async (env?: Record<string, string>): Promise<Standalone> => {
    const platform = await openPlatform(configOf(env));
    const { urls, stop } = await startServices(platform, 'standalone', SERVICES, SILENT);
    const { management = '', analysis = '' } = urls;
    const standalone = { management, analysis, cutRuns: platform.cutRuns, stop };
    running.push(standalone);
    return standalone;
  };
  /** Nobody has the folder, nor a file in it, open any more. */
  const expectFree = async (): Promise<void> => {
    DataFolder.open(folder).close();
    const database = await openSqlite(folder);
    await database.write('edit', (sql) => sql.run('DELETE FROM ecron_node'));
    await database.close();
  };

  it('runs both services on ports of their own, ready', async () => {
    const { management, analysis } = await start();
    expect(management).not.toBe(analysis);
    for (const url of [management, analysis]) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('is refused a folder that another one uses, and leaves that one running', async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(DataFolderError);
    expect((await fetch(`${first.management}/health/ready`)).status).toBe(200);
  });

  it.each([
    ['ECRON_CRON_PORT', 'cron_port'],
    ['ECRON_ANLYS_PORT', 'anlys_port'],
  ])('names the key when a port is taken, and leaves nothing open: %s', async (variable, key) => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const port = String((taken.address() as AddressInfo).port);
    const routines = watchIntervals();
    const failing = start({ [variable]: port });
    await expect(failing).rejects.toThrow(ListenError);
    await expect(failing).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken: set ${variable} (${key}) to another one`,
    );
    expect(routines.left()).toBe(0);
    await expectFree();
    taken.close();
    await start();
  });

  it('refuses data of a newer version, and leaves nothing open', async () => {
    const database = await openSqlite(folder);
    await database.write('edit', (sql) =>
      sql.run(`INSERT INTO ecron_migration (timestamp, name) VALUES (9, 'Later9')`),
    );
    await database.close();
    await expect(start()).rejects.toThrow(NewerSchemaError);
    DataFolder.open(folder).close();
  });

  it('stops once, however often it is told to, and gives everything back', async () => {
    const standalone = await start();
    await Promise.all([standalone.stop(), standalone.stop()]);
    await standalone.stop();
    await expect(fetch(`${standalone.management}/health/live`)).rejects.toThrow();
    await expectFree();
  });

  it('runs after a restart what had waited before it', async () => {
    const target = await Target.start();
    await start();
    await running[0]?.stop();
    const database = await openSqlite(folder);
    await database.write('edit', (sql) => sql.run(WAITING_ROW, waitingRow('waited', target.url)));
    await database.close();
    await start();
    expect(await target.firstCall).toBe('waited');
    target.close();
  });

  it('runs what it is asked for, and shows how that ended', async () => {
    const target = await Target.start();
    const { management } = await start();
    const context = { mode: 'http', exec: target.url, info: { method: 'POST' }, execute_id: 'asked' };
    const body = JSON.stringify({ job_name: 'n', job_type: 'real-time', job_context: context });
    const headers = { 'content-type': 'application/json' };
    const asked = await fetch(`${management}${API}/jobexecution`, { method: 'POST', headers, body });
    expect([asked.status, await target.firstCall]).toEqual([200, 'asked']);
    await eventually(async () => {
      const shown = await fetch(`${management}${API}/execution/asked`);
      expect(await shown.json()).toMatchObject({ state: 'succeeded', attempt: 1 });
    });
    target.close();
  });

  it('settles what its predecessor was running when it was killed, and says how many', async () => {
    const target = await Target.start();
    const database = await openSqlite(folder);
    await database.write('edit', (sql) => sql.run(WAITING_ROW, waitingRow('cut', target.url)));
    await database.write('edit', (sql) =>
      sql.run(
        `UPDATE ecron_execution SET state = 'running', epoch = 1, attempt = 1, holder = 'dead', due_at = NULL`,
      ),
    );
    await database.close();
    expect((await start()).cutRuns).toBe(1);
    expect(await target.firstCall).toBe('cut');
    target.close();
  });
});

/** Counts the periodic routines that have been started and not been stopped. */
function watchIntervals(): { left: () => number } {
  const started = jest.spyOn(globalThis, 'setInterval');
  const stopped = jest.spyOn(globalThis, 'clearInterval');
  return {
    left: () => {
      const all = started.mock.results.map((result) => result.value as unknown);
      const cleared = stopped.mock.calls.map(([timer]) => timer as unknown);
      expect(all.length).toBeGreaterThan(0);
      jest.restoreAllMocks();
      return all.filter((timer) => !cleared.includes(timer)).length;
    },
  };
}

const WAITING_ROW = `INSERT INTO ecron_execution (execute_id, job_id, job_version, tenant_id, job_name, job_type, context,
  trigger_kind, state, nominal_at, queued_at, listed_at, due_at, max_attempts)
  VALUES (?, '', 0, 't', 'n', 'real-time', ?, 'request', 'waiting', ?, ?, ?, ?, 3)`;

function waitingRow(executeId: string, url: string): (string | number)[] {
  const info = { method: 'POST', params: null, headers: null, body: null, kubernetes: null };
  const context = {
    mode: 'http',
    exec: url,
    info,
    notify: { webhook: '' },
    begin_at: '',
    end_at: '',
    execute_id: '',
  };
  const now = Date.now() - 1;
  return [executeId, JSON.stringify(context), now, now, now, now];
}

/** Answers 200, and tells which execution called first. */
class Target {
  private constructor(
    private readonly server: Server,
    readonly url: string,
    readonly firstCall: Promise<string>,
  ) {}

  static async start(): Promise<Target> {
    const server = createHttpServer();
    const firstCall = new Promise<string>((resolve) => {
      server.on('request', (request, response) => {
        response.end();
        resolve(String(request.headers['x-ecron-execute-id']));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Target(
      server,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/${randomUUID()}`,
      firstCall,
    );
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
