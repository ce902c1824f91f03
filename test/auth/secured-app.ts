import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@ecron/config';
import { managementService } from '@ecron/management';
import { openPlatform, type Platform, type Service } from '@ecron/platform';
import { FakeTokenServer } from '@ecron/testing';
import { type LoggerService } from '@nestjs/common';
import { RouteTable } from '../../apps/management/src/http/route-table.js';
import { Api } from '../support/api.js';

/** The management service over real HTTP in this process, with authentication on and a token server of its own. */
export class SecuredApp {
  private constructor(
    readonly tokens: FakeTokenServer,
    readonly platform: Platform,
    private readonly service: Service,
    private readonly folder: string,
    /** What it has logged. */
    readonly lines: readonly string[],
    /** Every route that the server has, as `GET /path/:id`; those that the framework adds for HEAD are left out. */
    readonly routes: readonly string[],
    readonly api: Api,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<SecuredApp> {
    const folder = await mkdtemp(join(tmpdir(), 'ecron-auth-'));
    const tokens = new FakeTokenServer();
    const port = new URL(await tokens.start()).port;
    const auth = { ECRON_AUTH_ENABLED: 'true', ECRON_OAUTH_ADMIN_PORT: port };
    const place = { ECRON_DATA_DIR: folder, ECRON_CRON_PORT: '0', ECRON_CONFIG: '' };
    const platform = await openPlatform(loadConfig({ ...place, ...auth, ...env }, folder));
    const add = jest.spyOn(RouteTable.prototype, 'add');
    const lines: string[] = [];
    const service = await managementService.start(platform, 'standalone', loggerInto(lines));
    const routes = add.mock.calls.flatMap(([methods, url]) => [methods].flat().map((one) => `${one} ${url}`));
    add.mockRestore();
    const shown = [...new Set(routes)].filter((route) => !route.startsWith('HEAD ')).sort();
    return new SecuredApp(tokens, platform, service, folder, lines, shown, new Api(service.url));
  }

  async stop(): Promise<void> {
    await this.api.close();
    await this.service.stop();
    await this.platform.close();
    await this.tokens.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function loggerInto(lines: string[]): LoggerService {
  const write = (...parts: unknown[]): void => void lines.push(parts.map(show).join(' '));
  return { log: write, error: write, warn: write, debug: write, verbose: write, fatal: write };
}

const show = (part: unknown): string => (typeof part === 'string' ? part : JSON.stringify(part));
