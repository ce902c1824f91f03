import { type EventEmitter } from 'node:events';
import { type HostPort, type NsqConfig } from './nsq-settings.js';

/**
 * What is used of nsqjs, which brings no types: its connections, which do the handshake, the framing and the heartbeats.
 * Its Reader and Writer are not used. The Reader loses count of its connections when one fails before it is ready, the
 * Writer connects once, and a message object of its own (a timer and two turns each) costs more than ours to handle.
 */
export interface NsqConnection extends EventEmitter {
  connect(): void;
  /** Cuts the connection off, what is still to be written included; emits `closed`, if that has not been. */
  close(): void;
  write(data: string | Buffer): void;
  receiveData(data: Buffer): void;
  /** The TCP socket; null until the turn after `connect`. */
  readonly conn: NodeJS.EventEmitter | null;
  readonly statemachine: { goto(state: 'ERROR', error: unknown): void };
}

export interface NsqReadConnection extends NsqConnection {
  /** Makes of a message's frame what is emitted as `message`. */
  createMessage: (frame: Buffer) => unknown;
  /** As nsqd said at the handshake. */
  readonly msgTimeout: number;
  setRdy(count: number): void;
}

export interface NsqWriteConnection extends NsqConnection {
  /** Only once ready: before, the messages and the callback are forgotten. */
  produceMessages(
    topic: string,
    bodies: Buffer[],
    delayMs: undefined,
    done: (error: Error | null) => void,
  ): void;
}

interface Nsqjs {
  NSQDConnection: new (
    host: string,
    port: number,
    topic: string,
    channel: string,
    options: object,
  ) => NsqReadConnection;
  WriterNSQDConnection: new (host: string, port: number, options: object) => NsqWriteConnection;
}

let loading: Promise<Nsqjs> | null = null;

/** Processes on another queue never load the library. A variable as its name: the compiler finds no types for it. */
function load(): Promise<Nsqjs> {
  const name: string = 'nsqjs';
  loading ??= import(name).then((module: { default: Nsqjs }) => module.default);
  return loading;
}

export async function openReader(
  { host, port }: HostPort,
  { topic, channel }: { topic: string; channel: string },
  config: NsqConfig,
): Promise<NsqReadConnection> {
  const { NSQDConnection } = await load();
  return guard(new NSQDConnection(host, port, topic, channel, optionsOf(config)));
}

export async function openWriter({ host, port }: HostPort, config: NsqConfig): Promise<NsqWriteConnection> {
  const { WriterNSQDConnection } = await load();
  return guard(new WriterNSQDConnection(host, port, optionsOf(config)));
}

function optionsOf({ heartbeatMs, messageTimeoutMs }: NsqConfig): object {
  return {
    heartbeatInterval: heartbeatMs / 1000,
    // Both ends hear something every heartbeat, so silence means that the other one is gone without a word.
    idleTimeout: (2.5 * heartbeatMs) / 1000,
    messageTimeout: messageTimeoutMs,
    // By default nsqd keeps messages back for up to 250 ms.
    outputBufferSize: -1,
  };
}

/** What something that is no nsqd answers can make the library throw where nobody could catch it. */
function guard<C extends NsqConnection>(connection: C): C {
  const receive = connection.receiveData.bind(connection);
  connection.receiveData = (data) => {
    try {
      receive(data);
    } catch (error) {
      connection.statemachine.goto('ERROR', error);
    }
  };
  return connection;
}
