import { type AddressInfo, createServer, type Server } from 'node:net';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { listen, ListenError } from './service.js';

@Module({})
class EmptyModule {}

describe('listening', () => {
  let app: INestApplication;
  let other: Server;
  beforeEach(async () => {
    app = await NestFactory.create(EmptyModule, new FastifyAdapter(), { logger: false, abortOnError: false });
    other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    other.close();
    await app.close();
  });
  const takenPort = () => (other.address() as AddressInfo).port;

  it('answers where the service can be reached, any free port too', async () => {
    const url = await listen(app, '127.0.0.1', 0, 'the_key');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(url)).status).toBe(404);
  });

  it('on a port that is taken names the port and the key that moves it', async () => {
    const port = takenPort();
    await expect(listen(app, '127.0.0.1', port, 'the_key')).rejects.toThrow(
      new ListenError(`port ${port} on 127.0.0.1 is taken: set the_key to another one`),
    );
  });

  it('on an address that is not here says so', async () => {
    const failing = listen(app, '192.0.2.1', 0, 'the_key');
    await expect(failing).rejects.toThrow('port 0 on 192.0.2.1 cannot be listened on (EADDRNOTAVAIL)');
    await expect(failing).rejects.toBeInstanceOf(ListenError);
  });
});
