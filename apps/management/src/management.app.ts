import { type Config, isAuthEnabled, listenAddress, type ProcessRole } from '@ecron/config';
import { ExecutorRegistry, Runner, TargetGuard } from '@ecron/execution';
import { StartupState } from '@ecron/health';
import { Heartbeat } from '@ecron/nodes';
import { Deliverer } from '@ecron/notification';
import { callbackSecret } from '@ecron/persistence';
import {
  listen,
  newNode,
  openNodeTracing,
  type Platform,
  serverTls,
  type Service,
  type ServerTls,
  type ServiceStart,
  ShutdownReadiness,
  stopInOrder,
  VERSION,
} from '@ecron/platform';
import { type Server as TlsServer } from 'node:tls';
import { type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { CallbackKeys } from './callback/callback-keys.js';
import { CertificateWatch } from './http/certificate-watch.js';
import { serveApiDocs } from './http/open-api.js';
import { RestAdapter } from './http/rest-adapter.js';
import { ManagementModule } from './management.module.js';
import { type SignInSetup, signInSetup } from './sign-in/sign-in-setup.js';

/** What the stop has cut may take so long to end (a command 10 s) and to be recorded. */
const RECORD_MS = 15_000;

/** What has been taken from the queue is started or declined within this. */
const DECLINE_MS = 3_000;

/** The management service. It throws ListenError when it cannot listen, and is closed then. */
export const managementService: ServiceStart = { name: 'management', start: startManagement };

async function startManagement(
  platform: Platform,
  role: ProcessRole,
  logger: LoggerService,
): Promise<Service> {
  const { config, transport } = platform;
  const node = newNode('management', config.nodeConcurrency, config);
  const signIn = await signInSetup(platform, role);
  const tracing = await openNodeTracing(config, node);
  const parts = { callbackKeys: await callbackKeysOf(platform, role), signIn, tracing };
  const module = ManagementModule.for(platform, node, role, parts);
  const tls = serverTls(config, role);
  const adapter = new RestAdapter({ tls, trustedProxies: config.trustedProxies ?? [] });
  if (tracing !== null) adapter.traceCalls(tracing.calls);
  hardenAdapter(adapter, config, signIn);
  const address = listenAddress(config, role);
  if (isAuthEnabled(config, role)) adapter.refuseNameless();
  else adapter.refuseForeignPages(address);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    abortOnError: false,
    // The adapter has them already; it is by this that the application knows its own protocol.
    ...(tls === null ? {} : { httpsOptions: tls }),
  });
  serveApiDocs(app, VERSION);
  const consumer = transport.server();
  app.connectMicroservice({ strategy: consumer });
  // Whatever a message asks for must find everything in place.
  await app.init();
  await app.startAllMicroservices();
  let stopping: Promise<void> | undefined;
  const stopOnce = (): Promise<void> =>
    (stopping ??= stop(app, consumer, config.shutdownGraceS * 1000, logger));
  try {
    const url = await listen(app, address, config.cronPort, 'ECRON_CRON_PORT (cron_port)');
    // A configured 0 has become a port.
    protect(app.get(TargetGuard, { strict: false }), address, url);
    if (tls !== null) watchCertificate(app, config, tls, logger);
    watchRuns(platform, app.get(Runner, { strict: false }), config.nodeConcurrency);
    app.get(StartupState, { strict: false }).hasStarted = true;
    return { url, stop: stopOnce };
  } catch (error) {
    await stopOnce();
    throw error;
  }
}

function hardenAdapter(adapter: RestAdapter, config: Config, signIn: SignInSetup | null): void {
  adapter.harden({
    isHttps: config.sslOn || (signIn?.cookies.isHttps ?? false),
    corsOrigins: config.corsOrigins ?? [],
    rates: { perCaller: config.rateLimitCaller, perAddress: config.rateLimitAddress },
    cookies: signIn?.cookies ?? null,
  });
}

function watchCertificate(
  app: NestFastifyApplication,
  { certFile, keyFile }: Config,
  tls: ServerTls,
  logger: LoggerService,
): void {
  const server = app.getHttpServer() as unknown as TlsServer;
  const watch = new CertificateWatch(
    server,
    { certFile: certFile ?? '', keyFile: keyFile ?? '' },
    tls,
    logger,
  );
  watch.start();
  server.once('close', () => watch.stop());
}

function watchRuns({ metrics }: Platform, runner: Runner, size: number): void {
  metrics.watchPools(() => [{ pool: 'runs', size, busy: runner.runs.length }]);
}

/** Null: nobody needs one. */
async function callbackKeysOf(
  { config, database, sealer }: Platform,
  role: ProcessRole,
): Promise<CallbackKeys | null> {
  if (!isAuthEnabled(config, role)) return null;
  const [first = await callbackSecret(database, sealer), ...others] = config.callbackSecret ?? [];
  return new CallbackKeys([first, ...others]);
}

function protect(guard: TargetGuard, host: string, url: string): void {
  guard.protect({ host, port: portOf(new URL(url)), what: 'the management service' });
}

const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80));

function stop(
  app: NestFastifyApplication,
  consumer: { close(): unknown },
  graceMs: number,
  logger: LoggerService,
): Promise<void> {
  const runner = app.get(Runner, { strict: false });
  app.get(ShutdownReadiness, { strict: false }).isStopping = true;
  return stopInOrder(
    [
      // Else what is sent here during the grace would be declined, and wait for a second.
      { name: 'consumer', stop: () => consumer.close(), deadlineMs: DECLINE_MS },
      // What has been aborted still has to be written.
      { name: 'runs', stop: () => runner.stop(graceMs), deadlineMs: graceMs + RECORD_MS },
      { name: 'webhooks', stop: () => app.get(Deliverer, { strict: false }).stop() },
      { name: 'heartbeat', stop: () => app.get(Heartbeat, { strict: false }).stop() },
      { name: 'executors', stop: () => app.get(ExecutorRegistry, { strict: false }).close() },
      { name: 'management', stop: () => app.close() },
    ],
    logger,
  );
}
