import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from './free-ports.js';
import { freezeProcess } from './freeze-process.js';

const HOST = '127.0.0.1';
const SMALL_JVM = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const CLUSTER_ID = 'ZWNyb24tdGVzdC1sb2NhbA';

/** The account of the second listener, for each mechanism. */
export const KAFKA_ACCOUNT = { username: 'ecron', password: 'ecron-secret' } as const;

/** What the broker proves itself with over TLS, and whose certificates it asks its clients for; in PEM. */
export interface KafkaBrokerTls {
  cert: string;
  key: string;
  clientCa: string;
}

/** A Kafka broker that a test has to itself, on ports of its own: one without, one with authentication, one with TLS if that is asked for. */
export class LocalKafka {
  private readonly dir = mkdtempSync(join(tmpdir(), 'ecron-kafka-'));
  private process: ChildProcess | null = null;

  private constructor(
    private readonly classPath: string,
    private readonly port: number,
    private readonly controllerPort: number,
    private readonly tls: KafkaBrokerTls | null,
  ) {}

  /** @param version as the endpoints file tells it; its jars are those that `scripts/services.sh` has fetched */
  static async make(version: string, tls: KafkaBrokerTls | null = null): Promise<LocalKafka> {
    const dir = resolve(process.env['ECRON_SERVICES_DIR'] ?? '.services');
    const tools = resolve(process.env['ECRON_SERVICES_TOOLS'] ?? join(dir, 'tools'));
    const classPath = join(tools, `kafka-${version}`, 'lib', '*');
    return new LocalKafka(classPath, await freePorts([0, 1, 2]), await freePorts(), tls);
  }

  get broker(): string {
    return `${HOST}:${this.port}`;
  }

  /** Takes `KAFKA_ACCOUNT` by PLAIN and by either SCRAM. */
  get brokerWithAccounts(): string {
    return `${HOST}:${this.port + 1}`;
  }

  /** Over TLS, where clients have to prove themselves too. */
  get brokerWithTls(): string {
    return `${HOST}:${this.port + 2}`;
  }

  /** Resolves when it can be spoken to. Idempotent. */
  async start(): Promise<void> {
    if (this.process !== null) return;
    if (!existsSync(this.propertiesFile)) await this.format();
    this.process = this.java('kafka.Kafka', this.propertiesFile);
    while (!(await answers(this.port))) {
      if (this.process.exitCode !== null) throw new Error(`Kafka ended with ${this.process.exitCode}`);
      await pause(50);
    }
  }

  /** Resolves when it has ended; what it holds stays. Idempotent. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const { process } = this;
    this.process = null;
    if (process === null) return;
    process.kill('SIGCONT');
    process.kill(signal);
    await once(process, 'exit');
  }

  /** It keeps its connections and says nothing more, until `thaw`. */
  freeze(): void {
    if (this.process?.pid !== undefined) freezeProcess(this.process.pid);
  }

  thaw(): void {
    this.process?.kill('SIGCONT');
  }

  /** Ends it, and its data with it. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.dir, { recursive: true });
  }

  private get propertiesFile(): string {
    return join(this.dir, 'server.properties');
  }

  private async format(): Promise<void> {
    writeFileSync(this.propertiesFile, this.properties());
    const { username, password } = KAFKA_ACCOUNT;
    const accounts = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]);
    const options = ['-t', CLUSTER_ID, '-c', this.propertiesFile, ...accounts];
    const program = ['-cp', this.classPath, 'kafka.tools.StorageTool', 'format', ...options];
    await promisify(execFile)('java', [...SMALL_JVM, ...program]);
  }

  private java(...program: string[]): ChildProcess {
    return spawn('java', [...SMALL_JVM, '-cp', this.classPath, ...program], { stdio: 'ignore' });
  }

  private properties(): string {
    const { username, password } = KAFKA_ACCOUNT;
    const clear = `PLAINTEXT://${this.broker},SASL_PLAINTEXT://${this.brokerWithAccounts}`;
    const listeners = this.tls === null ? clear : `${clear},SSL://${this.brokerWithTls}`;
    const jaas = (module: string, more: string) =>
      `org.apache.kafka.common.security.${module} required username="${username}" password="${password}"${more};`;
    const sasl = 'listener.name.sasl_plaintext';
    return Object.entries({
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': `1@${HOST}:${this.controllerPort}`,
      'controller.listener.names': 'CONTROLLER',
      listeners: `${listeners},CONTROLLER://${HOST}:${this.controllerPort}`,
      'advertised.listeners': listeners,
      'listener.security.protocol.map':
        'PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT',
      ...(this.tls && tlsProperties(this.tls)),
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      [`${sasl}.plain.sasl.jaas.config`]: jaas('plain.PlainLoginModule', ` user_${username}="${password}"`),
      [`${sasl}.scram-sha-256.sasl.jaas.config`]: jaas('scram.ScramLoginModule', ''),
      [`${sasl}.scram-sha-512.sasl.jaas.config`]: jaas('scram.ScramLoginModule', ''),
      'log.dirs': join(this.dir, 'data'),
      'auto.create.topics.enable': false,
      'group.initial.rebalance.delay.ms': 0,
      'offsets.topic.replication.factor': 1,
      'offsets.topic.num.partitions': 4,
      'transaction.state.log.replication.factor': 1,
      'transaction.state.log.min.isr': 1,
      'share.coordinator.state.topic.replication.factor': 1,
      'share.coordinator.state.topic.min.isr': 1,
      // Killed and started again, it would wait this long for itself.
      'broker.session.timeout.ms': 2000,
      'broker.heartbeat.interval.ms': 500,
      'log.segment.bytes': 16 * 1024 * 1024,
      'log.index.size.max.bytes': 1024 * 1024,
      'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
    })
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
  }
}

const tlsProperties = ({ cert, key, clientCa }: KafkaBrokerTls) => ({
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.certificate.chain': inOneLine(cert),
  'ssl.keystore.key': inOneLine(key),
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.certificates': inOneLine(clientCa),
  'ssl.client.auth': 'required',
});

const inOneLine = (pem: string): string => pem.trim().replaceAll('\n', '\\n');

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, HOST);
  const isConnected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isConnected;
}
