import { type KubeConfig } from '@kubernetes/client-node';
import { type RequestOptions } from 'node:https';
import { Agent } from 'undici';
import { AGENT_OPTIONS, ClusterMissing, type Connection, ConnectionSource } from './connection.js';

/** How long a token and certificates are used before they are read again. */
const CREDENTIALS_FOR_MS = 30_000;
const TLS_MEMBERS = ['ca', 'cert', 'key', 'servername', 'rejectUnauthorized', 'pfx', 'passphrase'] as const;

/**
 * The deployment's own cluster: a kubeconfig, else the one the process runs in. The client library reads it and makes
 * the credentials (it is loaded by the first that asks: 80 MB); requests go through one dispatcher of ours, as the library
 * itself would open a connection for each.
 */
export class ConfiguredCluster extends ConnectionSource {
  private config: Promise<KubeConfig> | null = null;
  private agent: { key: string; dispatcher: Agent } | null = null;
  private current: { connection: Connection; until: number } | null = null;

  /** @param onServer told once, of the API server's address, before the first request */
  constructor(
    private readonly configFile: string | null,
    private readonly env: NodeJS.ProcessEnv,
    private readonly onServer: (server: URL) => void,
  ) {
    super();
  }

  /** Whether anything says where a cluster is. */
  get isKnown(): boolean {
    return this.configFile !== null || this.hasKubeconfig || this.isInCluster;
  }

  override async connect(): Promise<Connection> {
    if (this.current !== null && performance.now() < this.current.until) return this.current.connection;
    const connection = await this.open(await this.load());
    this.current = { connection, until: performance.now() + CREDENTIALS_FOR_MS };
    return connection;
  }

  async close(): Promise<void> {
    await this.agent?.dispatcher.destroy();
  }

  private get hasKubeconfig(): boolean {
    return (this.env['KUBECONFIG'] ?? '') !== '';
  }

  private get isInCluster(): boolean {
    return (this.env['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
  }

  /** A file that is mended later is read then. */
  private load(): Promise<KubeConfig> {
    this.config ??= this.read().catch((error: Error) => {
      this.config = null;
      throw error instanceof ClusterMissing ? error : new ClusterMissing(describeReadError(error));
    });
    return this.config;
  }

  private async read(): Promise<KubeConfig> {
    if (!this.isKnown) throw new ClusterMissing('there is no cluster: set kubernetes_config or KUBECONFIG');
    const { KubeConfig } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    if (this.configFile !== null) config.loadFromFile(this.configFile);
    else if (this.hasKubeconfig) config.loadFromDefault();
    else config.loadFromCluster();
    this.onServer(serverOf(config));
    return config;
  }

  private async open(config: KubeConfig): Promise<Connection> {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const server = serverOf(config);
    const headers = { ...(options.headers as Record<string, string> | undefined), ...basicAuth(options) };
    const basePath = server.pathname.replace(/\/$/, '');
    return { origin: server.origin, basePath, dispatcher: this.dispatcherFor(options), headers };
  }

  /** The same one as long as the certificates are the same. */
  private dispatcherFor(options: RequestOptions): Agent {
    const tls = Object.fromEntries(
      TLS_MEMBERS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
    );
    const key = JSON.stringify(tls);
    if (this.agent?.key !== key) {
      void this.agent?.dispatcher.close();
      const connect = { ...AGENT_OPTIONS.connect, ...tls };
      this.agent = { key, dispatcher: new Agent({ ...AGENT_OPTIONS, connect }) };
    }
    return this.agent.dispatcher;
  }
}

function serverOf(config: KubeConfig): URL {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new ClusterMissing('the kubeconfig has no current cluster');
  if (cluster.proxyUrl !== undefined) throw new ClusterMissing('the kubeconfig names a proxy-url');
  return new URL(cluster.server);
}

function basicAuth({ auth }: RequestOptions): Record<string, string> {
  return typeof auth === 'string' ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
}

/** Of the error only its code: a message of the YAML reader quotes the file. */
function describeReadError(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return `the kubeconfig cannot be read (${code ?? error.name})`;
}
