import { transportConformance } from '@ecron/testing';
import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { ClientPublisher } from '../message-publisher.js';
import { TOPICS } from '../topics.js';
import { MemoryBus } from './memory-bus.js';
import { MemoryClient } from './memory-client.js';
import { MemoryServer } from './memory-server.js';

transportConformance('in-memory', async () => {
  const bus = new MemoryBus();
  return {
    publisher: new ClientPublisher(new MemoryClient(bus)),
    makeServer: (group) => new MemoryServer(bus, group),
    close: async () => undefined,
  };
});

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

describe('MemoryServer as the strategy of a Nest microservice', () => {
  it('awaits the handlers of controllers and redelivers what they failed on', async () => {
    const bus = new MemoryBus();
    const module = await Test.createTestingModule({ controllers: [Failing] }).compile();
    const app = module.createNestMicroservice({ strategy: new MemoryServer(bus), logger: false });
    await app.listen();
    const controller = app.get(Failing);
    await new ClientPublisher(new MemoryClient(bus)).publish(TOPICS.execution, [{ ids: ['x'] }]);
    expect(await controller.succeeded).toEqual({ ids: ['x'] });
    expect(controller.tries).toBe(3);
    await app.close();
  });
});
