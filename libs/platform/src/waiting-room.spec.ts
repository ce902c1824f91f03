import { createServer } from 'node:net';
import { once } from 'node:events';
import { request } from 'node:https';
import { CA, SERVER, SERVER_KEY } from '../../../test/support/certificates.js';
import { WaitingRoom } from './waiting-room.js';

describe('a service whose database is away', () => {
  let room: WaitingRoom;
  let reason = 'no answer';
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${room.port}${path}`);
    return [answer.status, await answer.text()];
  };
  beforeEach(async () => void (room = await WaitingRoom.open('127.0.0.1', 0, () => reason)));
  afterEach(() => room.close());

  it('is alive and not ready, with the reason of the last try', async () => {
    expect(await get('/health/alive')).toEqual([200, 'OK']);
    expect(await get('/health/ready?verbose')).toEqual([503, 'no answer']);
    reason = 'nothing listens there';
    expect(await get('/health/ready')).toEqual([503, 'nothing listens there']);
  });

  it('refuses everything else with the error body of the contract', async () => {
    const [status, text] = await get('/api/ecron-management/v1/job');
    expect(status).toBe(503);
    expect(JSON.parse(String(text))).toMatchObject({ cause: 'Database is unavailable', code: 503009001 });
  });

  it('leaves its port free behind it, also while a client keeps a connection', async () => {
    const port = room.port ?? 0;
    await get('/health/alive');
    await room.close();
    const next = createServer().listen(port, '127.0.0.1');
    await once(next, 'listening');
    next.close();
  });

  it('goes without when its port is taken', async () => {
    const second = await WaitingRoom.open('127.0.0.1', room.port ?? 0, () => reason);
    expect(second.port).toBeNull();
    await second.close();
  });

  it('speaks HTTPS where the service does', async () => {
    const tls = { cert: SERVER, key: SERVER_KEY };
    const safe = await WaitingRoom.open('127.0.0.1', 0, () => reason, tls);
    const asked = request({ host: '127.0.0.1', port: safe.port, path: '/health/alive', ca: CA }).end();
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    answer.resume();
    expect(answer.statusCode).toBe(200);
    await safe.close();
  });
});
