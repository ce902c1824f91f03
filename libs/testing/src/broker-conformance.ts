import { CHANNELS, DEAD_LETTER_TOPIC, TOPICS } from '@ecron/messaging';
import { Inbox } from './inbox.js';
import { until } from './until.js';
import { listen, type TestServer, type TransportUnderTest } from './transport-conformance.js';

/** A transport whose messages are kept by a process of its own, which the suite takes away and brings back. */
export interface BrokerUnderTest extends TransportUnderTest {
  /** Publishes texts as they stand, past our client. */
  publishTexts(topic: string, texts: readonly string[]): Promise<void>;
  /** Resolves when the broker is gone. */
  stopBroker(): Promise<void>;
  /** Brings it back with what it held, and resolves when it can be spoken to. */
  startBroker(): Promise<void>;
}

/** Redelivery takes a few seconds on new queues, a broker a few more to start. */
const LIMIT_MS = 20_000;
const RESTART_LIMIT_MS = 180_000;

/**
 * What a transport with a real broker has to do beyond `transportConformance`: dead letters, the messages of
 * existing services, and going on when the broker was away.
 */
export function brokerConformance(name: string, makeBroker: () => Promise<BrokerUnderTest>): void {
  describe(`the ${name} transport and its broker`, () => {
    let broker: BrokerUnderTest;
    let servers: TestServer[];

    beforeEach(async () => {
      broker = await makeBroker();
      servers = [];
    }, RESTART_LIMIT_MS);
    afterEach(async () => {
      for (const server of servers) await server.close();
      await broker.close();
    }, RESTART_LIMIT_MS);

    async function begin<T>(
      topic: string,
      group: string,
      handler: (message: T) => void,
    ): Promise<TestServer> {
      const server = broker.makeServer(group);
      server.addHandler(topic, async (message: T) => handler(message), true);
      servers.push(server);
      await listen(server);
      return server;
    }
    async function consume<T>(topic: string, group: string, handler: (message: T) => void) {
      const server = await begin(topic, group, handler);
      await settled();
      return server;
    }
    const settled = () => until(() => broker.fault() === null);
    const collect = (inbox: Inbox) =>
      consume<{ n: number }>(TOPICS.status, 'a', (message) => inbox.add(message.n));
    const publish = (n: number) => broker.publisher.publish(TOPICS.status, [{ n }]);

    /** Resolves with the first message on the topic of dead letters. */
    const firstDeadLetter = () =>
      new Promise<Record<string, unknown>>(
        (resolve, reject) => void consume(DEAD_LETTER_TOPIC, 'dead', resolve).catch(reject),
      );

    it(
      'puts a message on the dead letter topic when it has failed four times',
      async () => {
        let tries = 0;
        await consume(TOPICS.status, 'a', () => {
          tries++;
          throw new Error('never');
        });
        const letter = firstDeadLetter();
        await publish(1);
        expect(await letter).toEqual({
          topic: TOPICS.status,
          channel: 'a',
          error: 'Error: never',
          message: '{"n":1}',
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
        });
        expect(tries).toBe(4);
      },
      LIMIT_MS,
    );

    it.each(['{"n":', '7', 'null', '[{"n":1}]'])(
      'puts %s on the dead letter topic at once, and asks no handler',
      async (text) => {
        const inbox = new Inbox();
        await collect(inbox);
        const letter = firstDeadLetter();
        await broker.publishTexts(TOPICS.status, [text]);
        expect(await letter).toMatchObject({ topic: TOPICS.status, message: text, error: 'no JSON object' });
        await publish(2);
        expect(await inbox.untilHas(2)).toEqual([2]);
      },
      LIMIT_MS,
    );

    it.each(Object.entries(OLD_MESSAGES))(
      'hands out what existing services send on %s',
      async (topic, texts) => {
        const got: object[] = [];
        const all = new Promise<void>((resolve, reject) => {
          const take = (message: object) => void (got.push(message) === texts.length && resolve());
          void consume(topic, CHANNELS[topic as keyof typeof CHANNELS], take)
            .then(() => broker.publishTexts(topic, texts))
            .catch(reject);
        });
        await all;
        expect(got).toHaveLength(texts.length);
        expect(got).toEqual(expect.arrayContaining(texts.map((text) => JSON.parse(text) as object)));
      },
      LIMIT_MS,
    );

    it(
      'keeps for a group what comes while none of its members is there',
      async () => {
        const inbox = new Inbox();
        const first = await collect(inbox);
        await publish(1);
        await inbox.untilHas(1);
        await first.close();
        await publish(2);
        await collect(inbox);
        expect(await inbox.untilHas(1, 2)).toEqual([1, 2]);
      },
      LIMIT_MS,
    );

    it(
      'says so and refuses to publish while the broker is away, and goes on by itself afterwards',
      async () => {
        const inbox = new Inbox();
        await collect(inbox);
        await publish(1);
        await inbox.untilHas(1);
        expect(broker.fault()).toBeNull();
        await broker.stopBroker();
        await until(() => broker.fault() !== null);
        await expect(publish(2)).rejects.toThrow();
        await broker.startBroker();
        await settled();
        expect(broker.fault()).toBeNull();
        await publish(3);
        // What was handled just before the broker went may come again, what was refused never.
        expect([...new Set(await inbox.untilHas(3))]).toEqual([1, 3]);
      },
      RESTART_LIMIT_MS,
    );

    it(
      'hands out after a restart of the broker what nobody had taken before',
      async () => {
        const inbox = new Inbox();
        const first = await collect(inbox);
        await first.close();
        await publish(1);
        await broker.stopBroker();
        await broker.startBroker();
        await collect(inbox);
        expect(await inbox.untilHas(1)).toEqual([1]);
      },
      RESTART_LIMIT_MS,
    );

    it(
      'starts without its broker and takes up the work when that comes',
      async () => {
        const inbox = new Inbox();
        await broker.stopBroker();
        await begin<{ n: number }>(TOPICS.status, 'a', (message) => inbox.add(message.n));
        await until(() => broker.fault() !== null);
        await broker.startBroker();
        await settled();
        await publish(1);
        expect(await inbox.untilHas(1)).toEqual([1]);
      },
      RESTART_LIMIT_MS,
    );

    it(
      'can be closed while its broker is away',
      async () => {
        const server = await collect(new Inbox());
        await broker.stopBroker();
        await until(() => broker.fault() !== null);
        await expect(Promise.resolve(server.close())).resolves.toBeUndefined();
      },
      RESTART_LIMIT_MS,
    );
  });
}

const OLD_CONTEXT =
  '{"mode":"http","exec":"http://host/path","info":{"method":"POST","params":null,"headers":null,"body":null,"kubernetes":null},"notify":{"webhook":""},"begin_at":"","end_at":"","execute_id":""}';
const EMPTY_CONTEXT =
  '{"mode":"","exec":"","info":{"method":"","params":null,"headers":null,"body":null,"kubernetes":null},"notify":{"webhook":""},"begin_at":"","end_at":"","execute_id":"';
const OLD_STATUS =
  '{"execute_id":"33ea0b5e-0a8a-4e2b-9d3c-6f7a8b9c0d1e","job_id":"","job_type":"","job_name":"","job_status":';

/** Byte for byte as the services of existing deployments publish them. */
const OLD_MESSAGES: Record<string, string[]> = {
  [TOPICS.job]: [
    `{"method":"create","data":{"job_id":"17a1c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d","job_name":"n","job_cron_time":"0 0 0 1 1 ?","job_type":"scheduled","job_context":${OLD_CONTEXT},"tenant_id":"mock-client-id","enabled":true,"remarks":"","created_at":"2026-11-24T05:57:20Z","updated_at":"2026-11-24T05:57:20Z"}}`,
    `{"method":"delete","data":{"job_id":"17a1c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d","job_name":"","job_cron_time":"","job_type":"","job_context":${EMPTY_CONTEXT}"},"tenant_id":"mock-client-id","enabled":false,"remarks":"","created_at":"","updated_at":""}}`,
  ],
  [TOPICS.immediate]: [
    `{"job_id":"fa870b5e-0a8a-4e2b-9d3c-6f7a8b9c0d1e","job_name":"","job_cron_time":"","job_type":"real-time","job_context":${EMPTY_CONTEXT}33ea0b5e-0a8a-4e2b-9d3c-6f7a8b9c0d1e"},"tenant_id":"","enabled":false,"remarks":"","created_at":"","updated_at":""}`,
  ],
  [TOPICS.status]: [
    `${OLD_STATUS}"failure","begin_at":"","end_at":"","executor":null,"execute_times":0,"ext_info":null}`,
    `${OLD_STATUS}"success","begin_at":"","end_at":"2026-11-24T05:57:20Z","executor":null,"execute_times":0,"ext_info":null}`,
    `${OLD_STATUS}"success","begin_at":"","end_at":"2026-11-24T05:57:20Z","executor":null,"execute_times":0,"ext_info":{"result":{"a":1}}}`,
    `${OLD_STATUS}"success","begin_at":"","end_at":"2026-11-24T05:57:20Z","executor":null,"execute_times":0,"ext_info":{"result":null}}`,
  ],
};
