import { type MessagePublisher, TOPICS } from '@ecron/messaging';
import { Controller } from '@nestjs/common';
import { type CustomTransportStrategy, EventPattern, Payload, type Server } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Inbox } from './inbox.js';
import { until } from './until.js';

export type TestServer = Server & CustomTransportStrategy;

/** One transport as the suite uses it: made anew for each test, with topics that hold nothing yet. */
export interface TransportUnderTest {
  publisher: MessagePublisher;
  makeServer(group: string): TestServer;
  /** What the transport says is wrong; null when all servers that listen get what is published from now on. */
  fault(): string | null;
  close(): Promise<void>;
}

/** A broker may hand a message out again as late as this: new queues are looked at every few seconds. */
const LIMIT_MS = 20_000;

type Handler = (message: { n: number }) => void | Promise<void>;

/** What every transport has to do, whatever carries it. Call it from a spec, with how to make the transport. */
export function transportConformance(name: string, makeTransport: () => Promise<TransportUnderTest>): void {
  describe(`the ${name} transport`, () => {
    let transport: TransportUnderTest;
    let servers: TestServer[];

    beforeEach(async () => {
      transport = await makeTransport();
      servers = [];
    }, LIMIT_MS);
    afterEach(async () => {
      for (const server of servers) await server.close();
      await transport.close();
    }, LIMIT_MS);

    async function consume(group: string, handler: Handler): Promise<TestServer> {
      const server = transport.makeServer(group);
      server.addHandler(TOPICS.status, async (message: { n: number }) => handler(message), true);
      servers.push(server);
      await listen(server);
      await settled();
      return server;
    }
    const settled = () => until(() => transport.fault() === null);
    const publish = (...numbers: number[]) =>
      transport.publisher.publish(
        TOPICS.status,
        numbers.map((n) => ({ n })),
      );

    it(
      'hands each message of a batch to the handler of its topic',
      async () => {
        const inbox = new Inbox();
        await consume('a', (message) => inbox.add(message.n));
        await transport.publisher.publish(TOPICS.job, [{ n: 99 }]);
        await publish(1, 2, 3);
        await publish(4);
        expect(await inbox.untilHas(1, 2, 3, 4)).toEqual([1, 2, 3, 4]);
      },
      LIMIT_MS,
    );

    it(
      'takes a batch of nothing, and messages that nobody listens to',
      async () => {
        await expect(publish()).resolves.toBeUndefined();
        await expect(publish(1)).resolves.toBeUndefined();
      },
      LIMIT_MS,
    );

    it(
      'gives every group every message, as an object of its own',
      async () => {
        const inboxes = [new Inbox(), new Inbox()] as const;
        const changing = (inbox: Inbox) => (message: { n: number }) => inbox.add(message.n++);
        await consume('a', changing(inboxes[0]));
        await consume('b', changing(inboxes[1]));
        await publish(1, 2);
        expect(await inboxes[0].untilHas(1, 2)).toEqual([1, 2]);
        expect(await inboxes[1].untilHas(1, 2)).toEqual([1, 2]);
      },
      LIMIT_MS,
    );

    it(
      'shares the messages of a group among its members',
      async () => {
        const both = new Inbox();
        const counts = [0, 0];
        for (const member of counts.keys()) {
          await consume('a', (message) => {
            counts[member] = (counts[member] ?? 0) + 1;
            both.add(message.n);
          });
        }
        const numbers = Array.from({ length: 100 }, (_, n) => n);
        await publish(...numbers);
        expect(await both.untilHas(...numbers)).toEqual(numbers);
        expect(Math.min(...counts)).toBeGreaterThan(0);
      },
      LIMIT_MS,
    );

    it(
      'hands a message out again when its handler failed',
      async () => {
        const inbox = new Inbox();
        let tries = 0;
        await consume('a', (message) => {
          tries++;
          if (tries === 1) throw new Error('not this time');
          inbox.add(message.n);
        });
        await publish(1);
        await inbox.untilHas(1);
        expect(tries).toBe(2);
      },
      LIMIT_MS,
    );

    it(
      'goes on with the next message when one fails for good',
      async () => {
        const inbox = new Inbox();
        await consume('a', (message) => {
          if (message.n === 1) throw new Error('never');
          inbox.add(message.n);
        });
        await publish(1, 2);
        expect(await inbox.untilHas(2)).toEqual([2]);
      },
      LIMIT_MS,
    );

    it(
      'lets a handler publish',
      async () => {
        const inbox = new Inbox();
        await consume('a', async (message) => {
          inbox.add(message.n);
          if (message.n < 3) await publish(message.n + 1);
        });
        await publish(1);
        expect(await inbox.untilHas(1, 2, 3)).toEqual([1, 2, 3]);
      },
      LIMIT_MS,
    );

    it(
      'waits at its close for the handler that is at work, and hands out nothing afterwards',
      async () => {
        const begun = new Inbox();
        const other = new Inbox();
        let open = () => {};
        const gate = new Promise<void>((resolve) => (open = resolve));
        let ended = false;
        const server = await consume('a', async (message) => {
          begun.add(message.n);
          await gate;
          ended = true;
        });
        await publish(1);
        await begun.untilHas(1);
        const closed = Promise.resolve(server.close()).then(() => ended);
        open();
        expect(await closed).toBe(true);
        await consume('b', (message) => other.add(message.n));
        await publish(2);
        await other.untilHas(2);
        expect(begun.numbers).toEqual([1]);
      },
      LIMIT_MS,
    );

    it(
      'listens again after it was closed, and can be closed twice',
      async () => {
        const inbox = new Inbox();
        const server = await consume('a', (message) => inbox.add(message.n));
        await publish(1);
        await inbox.untilHas(1);
        await server.close();
        await server.close();
        await listen(server);
        await settled();
        await publish(2);
        expect(await inbox.untilHas(1, 2)).toEqual([1, 2]);
      },
      LIMIT_MS,
    );

    it(
      'is the strategy of a Nest microservice, awaits its controllers and redelivers what they failed on',
      async () => {
        const module = await Test.createTestingModule({ controllers: [Failing] }).compile();
        const app = module.createNestMicroservice({ strategy: transport.makeServer('a'), logger: false });
        await app.listen();
        await settled();
        await transport.publisher.publish(TOPICS.execution, [{ ids: ['x'] }]);
        const controller = app.get(Failing);
        expect(await controller.succeeded).toEqual({ ids: ['x'] });
        expect(controller.tries).toBe(3);
        await app.close();
      },
      LIMIT_MS,
    );
  });
}

@Controller()
class Failing {
  tries = 0;
  readonly succeeded = new Promise<object>((resolve) => (this.succeed = resolve));
  private succeed: (message: object) => void;

  @EventPattern<string>(TOPICS.execution)
  async take(@Payload() message: object): Promise<void> {
    this.tries++;
    if (this.tries < 3) throw new Error('not yet');
    this.succeed(message);
  }
}

/** Resolves when the server says that it has started; that need not mean that its broker is there. */
export async function listen(server: TestServer): Promise<void> {
  await new Promise<void>((resolve) => void server.listen(() => resolve()));
}
