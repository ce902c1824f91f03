import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What `scripts/services.sh` writes of each component that it started; all are reached by loopback. */
export interface Endpoints {
  mariadb: {
    host: string;
    port: number;
    /** Path of the server's Unix socket; absent when it runs in a container. */
    socket?: string;
    user: string;
    password: string;
    /** A database that exists; the user may make others. */
    database: string;
    url: string;
  };
  nsq: {
    /** `host:port`, like the next two. */
    nsqdTcp: string;
    nsqdHttp: string;
    lookupdHttp: string;
    adminUrl: string;
    /** Folder of NSQ's own tools; absent when it runs in a container. */
    bin?: string;
  };
  kafka: { brokers: string[]; version: string };
  hydra: {
    public: string;
    admin: string;
    /** Where Hydra sends a browser to sign in; nothing listens there until a test does. */
    loginApp: string;
    introspect: string;
    service: { id: string; secret: string };
    web: { id: string; secret: string };
  };
}

export type Component = keyof Endpoints;

/** The process whose death means that the component is gone, as its pid file is called. */
const PROCESS: Record<Component, string> = {
  mariadb: 'mariadb',
  nsq: 'nsqd',
  kafka: 'kafka',
  hydra: 'hydra',
};

/**
 * Where a component listens; null when `scripts/services.sh up` did not start it, or its process has ended since.
 * Reads `endpoints.json` in `ECRON_SERVICES_DIR`, by default `.services` in the current folder: the repository's, for
 * whatever npm starts.
 */
export function endpointOf<C extends Component>(component: C): Endpoints[C] | null {
  const dir = resolve(process.env['ECRON_SERVICES_DIR'] ?? '.services');
  const text = readOrNull(join(dir, 'endpoints.json'));
  const endpoint = text === null ? undefined : (JSON.parse(text) as Partial<Endpoints>)[component];
  return endpoint === undefined || hasEnded(join(dir, 'run', `${PROCESS[component]}.pid`)) ? null : endpoint;
}

/**
 * `describe` for a suite that needs real components. Where one is missing, a single skipped test takes the suite's place
 * and names the command that brings it; with `ECRON_TEST_REQUIRE_SERVICES=1`, as in CI, that test fails instead.
 */
export function describeWith<C extends Component>(
  component: C,
  name: string,
  suite: (endpoint: Endpoints[C]) => void,
): void;
export function describeWith<C extends Component>(
  components: readonly C[],
  name: string,
  suite: (endpoints: Pick<Endpoints, C>) => void,
): void;
export function describeWith(
  wanted: Component | readonly Component[],
  name: string,
  suite: (found: never) => void,
): void {
  const components = typeof wanted === 'string' ? [wanted] : wanted;
  const found = Object.fromEntries(components.map((component) => [component, endpointOf(component)]));
  const missing = components.filter((component) => found[component] === null);
  const endpoints = typeof wanted === 'string' ? found[wanted] : found;
  describe(name, () => (missing.length === 0 ? suite(endpoints as never) : standIn(missing)));
}

function standIn(missing: Component[]): void {
  const text = `needs ${missing.join(' and ')}: scripts/services.sh up ${missing.join(' ')}`;
  const isRequired = process.env['ECRON_TEST_REQUIRE_SERVICES'] === '1';
  (isRequired ? it : it.skip)(text, () => {
    throw new Error(text);
  });
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** An endpoints file outlives a reboot. Without a pid file (somebody else's component) the endpoints are believed. */
function hasEnded(pidFile: string): boolean {
  const pid = Number.parseInt(readOrNull(pidFile) ?? '', 10);
  if (Number.isNaN(pid)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
