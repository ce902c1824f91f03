import { type DispatchMessage } from '@ecron/domain';
import { MessagePublisher, type Topic } from '@ecron/messaging';
import { Logger } from '@nestjs/common';
import { makeNode, NODE, NOW, rowsOf } from '../../test/fakes.js';
import { type HeldRow } from '../ports/claim.store.js';
import { type DispatchTrace, DispatchTracer } from '../ports/dispatch-tracer.js';
import { Dispatcher } from './dispatcher.service.js';

/** Gives each row a context that names it, and keeps how its dispatches ended. */
class NamingTracer extends DispatchTracer {
  readonly ends: (string | null)[] = [];
  readonly begun: HeldRow[] = [];

  begin(rows: readonly HeldRow[]): DispatchTrace {
    this.begun.push(...rows);
    const end = (error: Error | null): void => void this.ends.push(error?.message ?? null);
    return { traceparents: rows.map((row) => `context of ${row.executeId}`), end };
  }
}

class WholePublisher extends MessagePublisher {
  readonly messages: DispatchMessage[] = [];
  isDown = false;

  async publish(_: Topic, messages: readonly object[]): Promise<void> {
    if (this.isDown) throw new Error('no broker');
    this.messages.push(...(messages as DispatchMessage[]));
  }
}

describe('a dispatch that is traced', () => {
  let publisher: WholePublisher;
  let tracer: NamingTracer;
  let dispatcher: Dispatcher;
  let node: ReturnType<typeof makeNode>;

  const make = async (follow: DispatchTracer | null): Promise<void> => {
    const { waiting, nodes, clock } = node;
    dispatcher = new Dispatcher(publisher, waiting, nodes, clock, NODE, follow);
    await dispatcher.recheck();
  };
  beforeEach(async () => {
    Logger.overrideLogger(false);
    jest.useFakeTimers({ now: NOW });
    node = makeNode();
    node.dispatcher.stop();
    [publisher, tracer] = [new WholePublisher(), new NamingTracer()];
    await make(tracer);
  });
  afterEach(() => {
    dispatcher.stop();
    jest.useRealTimers();
  });
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  const hold = (...rows: HeldRow[]) => {
    for (const row of rows) node.waiting.waiting.add(row.executeId);
    dispatcher.hold(rows);
  };

  it('tells the nodes the context of each row, in the order of the ids, message by message', async () => {
    hold(...rowsOf(70, NOW));
    await pass(0);
    expect(publisher.messages.map((message) => message.execute_ids.length)).toEqual([64, 6]);
    for (const { execute_ids, traceparents } of publisher.messages)
      expect(traceparents).toEqual(execute_ids.map((id) => `context of ${id}`));
    expect(tracer.ends).toEqual([null]);
  });

  it('hands on which call has asked for the run', async () => {
    hold({ executeId: 'a', tenantId: 'tenant-a', dueAt: NOW, traceparent: 'that of the call' });
    await pass(0);
    expect(tracer.begun).toEqual([expect.objectContaining({ traceparent: 'that of the call' })]);
  });

  it('ends with the fault of the broker', async () => {
    publisher.isDown = true;
    hold(...rowsOf(1, NOW));
    await pass(0);
    expect(tracer.ends).toEqual(['no broker']);
  });

  it('is not told again when the row is sent again', async () => {
    hold(...rowsOf(1, NOW));
    await pass(2_100);
    await dispatcher.recheck();
    expect(publisher.messages.map((message) => message.traceparents)).toEqual([['context of e0'], undefined]);
    expect(tracer.begun).toHaveLength(1);
  });

  it('adds nothing to the messages where there is no tracer', async () => {
    dispatcher.stop();
    await make(null);
    hold(...rowsOf(1, NOW));
    await pass(0);
    expect(publisher.messages).toEqual([{ execute_ids: ['e0'], due_at: NOW }]);
  });
});
