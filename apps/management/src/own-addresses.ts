import { type Config, isAuthEnabled, kafkaBrokers, listenAddress, type ProcessRole } from '@ecron/config';
import { type OwnAddress } from '@ecron/execution';

const NSQ_PORTS = [4150, 4151, 4160, 4161];

/**
 * What no job may call: where the database, the broker, the token server, the Kubernetes API and the services
 * themselves answer. A port of 0 is left out: which it is shows only once the service listens.
 */
export function ownAddresses(config: Config, role: ProcessRole, env: NodeJS.ProcessEnv): OwnAddress[] {
  return [
    ...services(config, role),
    ...database(config),
    ...broker(config),
    ...tokenServer(config, role),
    ...kubernetesApi(env),
  ];
}

function services(config: Config, role: ProcessRole): OwnAddress[] {
  const host = listenAddress(config, role);
  return [
    { host, port: config.cronPort, what: 'the management service' },
    { host, port: config.anlysPort, what: 'the analysis service' },
  ].filter(({ port }) => port !== 0);
}

function database({ dbType, dbAddr, dbPort }: Config): OwnAddress[] {
  if (dbType !== 'mysql' || dbAddr === null) return [];
  return [{ host: dbAddr, port: dbPort, what: 'the database of this service' }];
}

function broker(config: Config): OwnAddress[] {
  const what = 'the broker of this service';
  return brokerPlaces(config).map((place) => ({ ...place, what }));
}

function brokerPlaces(config: Config): { host: string; port: number }[] {
  switch (config.mqConnectorType) {
    case 'memory':
      return [];
    case 'kafka':
      return kafkaBrokers(config).map(placeOf);
    case 'nsq':
      return nsqPlaces(config);
  }
}

/** Each of both hosts may be either server, and each server has one port for TCP and the next for HTTP. */
function nsqPlaces({
  mqHost,
  mqPort,
  mqLookupdHost,
  mqLookupdPort,
}: Config): { host: string; port: number }[] {
  const given = [mqPort, mqLookupdPort].flatMap((port) => (port === null ? [] : [port - 1, port, port + 1]));
  const ports = [...new Set([...NSQ_PORTS, ...given])];
  const hosts = [mqHost, mqLookupdHost].filter((host) => host !== null);
  return hosts.flatMap((host) => ports.map((port) => ({ host, port })));
}

/** Of `host:port` or `[address]:port`. */
function placeOf(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

function tokenServer(config: Config, role: ProcessRole): OwnAddress[] {
  if (!isAuthEnabled(config, role)) return [];
  return [{ host: config.oauthAdminAddr, port: config.oauthAdminPort, what: 'the token server' }];
}

/** The variables that a cluster puts into every container. */
function kubernetesApi(env: NodeJS.ProcessEnv): OwnAddress[] {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = env;
  return host === '' ? [] : [{ host, port: Number(port), what: 'the Kubernetes API' }];
}
