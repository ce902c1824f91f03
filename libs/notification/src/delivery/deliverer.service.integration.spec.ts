import { createPublicKey, verify as verifyWith } from 'node:crypto';
import { type Job } from '@ecron/domain';
import { Logger } from '@nestjs/common';
import {
  describeWith,
  mysqlStores,
  type OpenStores,
  SOMEBODY,
  sqliteStores,
  Stage,
  SUCCEEDED,
  until,
} from '@ecron/testing';
import { ALICE, contextWith, Notifier } from '../../test/notifier.js';
import { Receiver, verify } from '../../test/receiver.js';

const EVERYBODY = { allTenants: true } as const;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

// Two simulated days are some hundred round trips.
jest.setTimeout(60_000);
beforeAll(() => {
  Logger.overrideLogger(false);
});

/** From the end of a run to the receiver and back, over real stores and real HTTP, on a clock that tests move. */
function deliverySuite(open: OpenStores): void {
  let stage: Stage;
  let receiver: Receiver;
  let notifier: Notifier;
  let job: Job;
  beforeEach(async () => {
    stage = await Stage.open(open);
    receiver = await Receiver.open();
    notifier = new Notifier(stage.stores, stage.clock);
    job = await stage.addJob({ context: contextWith(receiver.url) });
  });
  afterEach(async () => {
    await notifier.stop();
    receiver.close();
    await stage.close();
  });

  /** A run of the job that has ended. */
  const end = async (of = job): Promise<string> => {
    const run = await stage.startOne(await stage.request(of));
    await stage.record(run, SUCCEEDED);
    stage.clock.pass(SECOND);
    return run.executeId;
  };
  const status = (code: number, headers = {}) => {
    receiver.answer = (response) => response.writeHead(code, headers).end('{}');
  };
  const pending = async () => (await notifier.log.list(ALICE, { status: 'pending', limit: '500' })).items;

  it('a result comes signed, as the API shows it', async () => {
    const { secret } = await notifier.secrets.create(ALICE, 'symmetric');
    const id = await end();
    await notifier.round();
    const [received, ...more] = receiver.received;
    expect(more).toEqual([]);
    expect(verify(received!, secret, stage.clock)).toEqual({
      type: 'execution.succeeded',
      timestamp: '2026-11-24T09:00:00Z',
      sequence: 1,
      superseded: 0,
      data: expect.objectContaining({
        execute_id: id,
        job_id: job.jobId,
        state: 'succeeded',
        job_status: 'success',
        result: { rows: 3 },
        ended_at: '2026-11-24T09:00:00Z',
      }) as unknown,
    });
    expect(received?.headers).toMatchObject({
      'webhook-id': id,
      'content-type': 'application/json',
      'user-agent': 'ecron/1.2.3',
    });
    expect(await notifier.states()).toEqual([['delivered', 1, '']]);
  });

  it('a tenant with two secrets is verified by either, and after one is deleted by the other alone', async () => {
    const [old, young] = [
      await notifier.secrets.create(ALICE, 'symmetric'),
      await notifier.secrets.create(ALICE, 'symmetric'),
    ];
    await end();
    await notifier.round();
    await notifier.secrets.remove(ALICE, old.secret_id);
    await end();
    await notifier.round();
    const [first, second] = receiver.received;
    for (const { secret } of [old, young]) expect(() => verify(first!, secret, stage.clock)).not.toThrow();
    expect(() => verify(second!, young.secret, stage.clock)).not.toThrow();
    expect(() => verify(second!, old.secret, stage.clock)).toThrow('No matching signature');
  });

  it('an ed25519 signature is verified by the public key', async () => {
    const made = await notifier.secrets.create(ALICE, 'ed25519');
    await end();
    await notifier.round();
    const { headers, body } = receiver.received[0]!;
    const [version, signature = ''] = String(headers['webhook-signature']).split(',');
    const x = Buffer.from(made.public_key.slice('whpk_'.length), 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const content = Buffer.from(
      `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`,
    );
    expect([made.secret, version]).toEqual(['', 'v1a']);
    expect(verifyWith(null, content, key, Buffer.from(signature, 'base64'))).toBe(true);
  });

  it('what cannot be signed waits, rather than go out unsigned', async () => {
    const stranger = { secretId: 's', tenantId: 'tenant-a', kind: 'symmetric', publicKey: '' } as const;
    await stage.stores.webhookSecrets.insert(
      { ...stranger, sealed: 'by another key', createdAt: 1 },
      SOMEBODY,
    );
    await end();
    await notifier.round();
    expect(receiver.received).toEqual([]);
    expect(await notifier.states()).toEqual([
      ['pending', 1, 'a webhook secret of the tenant cannot be opened'],
    ]);
  });

  it('a receiver that is down for a day gets every result within the cap when it is back, under its own id', async () => {
    const cap = 30;
    await stage.stores.deliveries.setPendingCap(cap);
    status(503);
    const ids: string[] = [];
    for (let hour = 0; hour < 48; hour++) {
      ids.push(await end());
      await notifier.round();
      stage.clock.pass(HOUR / 2 - SECOND);
      expect((await pending()).length).toBeLessThanOrEqual(cap);
    }
    // Nothing of it has held up a run.
    expect((await stage.executionsOf(job)).filter(({ state }) => state === 'succeeded')).toHaveLength(48);
    const tried = new Set(receiver.ids);
    receiver.received.length = 0;
    status(204);
    for (let hour = 0; (await pending()).length > 0 && hour < 48; hour++) {
      stage.clock.pass(HOUR);
      await notifier.round();
    }
    expect(await pending()).toEqual([]);
    const kept = ids.slice(-cap);
    expect([...new Set(receiver.ids)].sort()).toEqual([...kept].sort());
    expect(kept.every((id) => tried.has(id))).toBe(true);
    const last = receiver.received.find(({ id }) => id === ids.at(-1))!;
    expect(JSON.parse(last.body)).toMatchObject({ sequence: 48, superseded: 18 });
  });

  it('the first result that a receiver takes brings those that it had refused', async () => {
    status(500);
    const refused = [await end(), await end()];
    await notifier.round();
    status(200);
    receiver.received.length = 0;
    const taken = await end();
    await notifier.round();
    await notifier.round();
    expect(receiver.ids.sort()).toEqual([taken, ...refused].sort());
  });

  it('a receiver that is gone is told nothing more, and the job says so', async () => {
    status(410);
    await end();
    await notifier.round();
    await end();
    await notifier.round();
    expect(receiver.received).toHaveLength(1);
    expect(await notifier.states()).toEqual([['failed', 1, 'the receiver answered 410 Gone']]);
    expect((await stage.findJob(job))?.context.notify.disabled_at).toBe('2026-11-24T09:00:01Z');
  });

  it('that a receiver is gone is on record once, as a change of its job', async () => {
    status(410);
    const ids = [await end(), await end()];
    const made = await stage.stores.audit.list(EVERYBODY, { objectId: job.jobId, limit: 9 });
    await notifier.round();
    const [entry, ...older] = await stage.stores.audit.list(EVERYBODY, { objectId: job.jobId, limit: 9 });
    expect(entry).toMatchObject({
      action: 'webhook.disable',
      actor: { userId: '', clientId: '', source: 'target' },
      tenantId: job.tenantId,
      objectKind: 'job',
      beforeHash: made[0]?.afterHash,
      fields: ['job_context.notify.disabled_at'],
      result: 'changed',
    });
    expect(ids).toContain(entry?.actor.requestId);
    expect(entry?.afterHash).not.toBe(entry?.beforeHash);
    expect(older).toEqual(made);
  });

  it('a receiver that asks for time by Retry-After gets it', async () => {
    status(429, { 'retry-after': '7200' });
    await end();
    const before = stage.now;
    await notifier.round();
    expect((await pending())[0]?.next_attempt_at).toBe(
      new Date(before + 2 * HOUR).toISOString().replace('.000', ''),
    );
    stage.clock.pass(2 * HOUR - SECOND);
    await notifier.round();
    expect(receiver.received).toHaveLength(1);
    stage.clock.pass(SECOND);
    await notifier.round();
    expect(receiver.received).toHaveLength(2);
  });

  it('a redirect is not followed', async () => {
    status(302, { location: `${receiver.url}/elsewhere` });
    await end();
    await notifier.round();
    expect(receiver.received).toHaveLength(1);
    expect(await notifier.states()).toEqual([['pending', 1, 'the receiver answered 302 Found']]);
  });

  it('a receiver that says nothing in time is tried again', async () => {
    receiver.answer = () => undefined;
    const quick = new Notifier(stage.stores, stage.clock, { timeoutMs: 50 });
    await end();
    await quick.round();
    expect(await notifier.states()).toEqual([['pending', 1, 'no complete answer within 0.05 s']]);
    await quick.stop();
  });

  it('what the guard of jobs refuses is not called', async () => {
    notifier.guard.protect({ host: '127.0.0.1', port: receiver.port, what: 'something of our own' });
    await end();
    await notifier.round();
    expect(receiver.received).toEqual([]);
    const [[state, attempt, error] = []] = await notifier.states();
    expect([state, attempt]).toEqual(['failed', 1]);
    expect(error).toContain('the webhook is refused: 127.0.0.1 is something of our own');
  });

  it('a receiver that hangs keeps up nobody else', async () => {
    const [hanging, narrow] = [
      await Receiver.open(),
      new Notifier(stage.stores, stage.clock, { hostConcurrency: 1 }),
    ];
    hanging.answer = () => undefined;
    const stuck = await stage.addJob({ context: contextWith(hanging.url) });
    for (let n = 0; n < 3; n++) await end(stuck);
    const id = await end();
    await narrow.deliverer.look();
    await until(() => receiver.ids.length === 1);
    expect([receiver.ids, hanging.received.length]).toEqual([[id], 1]);
    await narrow.deliverer.stop(0);
    hanging.close();
  });

  it('a host whose turn it is gets a place, though hosts before it hang and have more to be sent', async () => {
    const receivers = [await Receiver.open(), await Receiver.open(), await Receiver.open()];
    receivers.sort((a, b) => (a.url < b.url ? -1 : 1));
    const held: (() => void)[] = [];
    for (const one of receivers) {
      one.answer = (response) => held.push(() => response.writeHead(204).end());
      const own = await stage.addJob({ context: contextWith(one.url) });
      for (let n = 0; n < 3; n++) await end(own);
    }
    const full = { concurrency: 2, hostConcurrency: 1, timeoutMs: MINUTE };
    const narrow = new Notifier(stage.stores, stage.clock, full);
    await narrow.deliverer.look();
    await until(() => held.length === 2);
    const counts = () => receivers.map(({ received }) => received.length);
    expect(counts()).toEqual([1, 1, 0]);
    held[0]?.();
    await until(() => held.length === 3);
    expect(counts()).toEqual([1, 1, 1]);
    await narrow.deliverer.stop(0);
    for (const one of receivers) one.close();
  });

  it('what is being sent when a node stops is given back, and sent by the next', async () => {
    receiver.answer = () => undefined;
    const id = await end();
    await notifier.deliverer.look();
    await until(() => receiver.ids.length === 1);
    await notifier.deliverer.stop(0);
    status(204);
    const next = new Notifier(stage.stores, stage.clock);
    await next.round();
    expect(receiver.ids).toEqual([id, id]);
    expect(await next.states()).toEqual([['delivered', 1, '']]);
    await next.stop();
  });

  it('what a node had claimed when it died is sent by another once its lease is over', async () => {
    const id = await end();
    const [host = ''] = await stage.stores.deliveries.pendingHosts('', 1);
    const leaseUntil = stage.now + MINUTE;
    await stage.stores.deliveries.claim({ host, limit: 9, token: 'dead', now: stage.now, leaseUntil });
    await notifier.round();
    expect(receiver.ids).toEqual([]);
    stage.clock.pass(MINUTE);
    await notifier.round();
    expect(receiver.ids).toEqual([id]);
  });

  it('two nodes send each result once', async () => {
    const second = new Notifier(stage.stores, stage.clock, { hostConcurrency: 3 });
    const ids: string[] = [];
    for (let n = 0; n < 20; n++) ids.push(await end());
    for (let n = 0; n < 8; n++) await Promise.all([notifier.round(), second.round()]);
    expect(receiver.ids.sort()).toEqual(ids.sort());
    await second.stop();
  });

  it('a replay comes under the id of the first time', async () => {
    const id = await end();
    await notifier.round();
    await notifier.log.replay(ALICE, id);
    await notifier.round();
    expect(receiver.ids).toEqual([id, id]);
    await expect(notifier.log.replay({ ...ALICE, clientId: 'tenant-b' }, id)).rejects.toMatchObject({
      kind: 'unknown delivery',
    });
  });

  it('a test goes to the webhook of a job or to a URL, once, and is not kept', async () => {
    const { secret } = await notifier.secrets.create(ALICE, 'symmetric');
    const byJob = await notifier.tests.test(ALICE, { job_id: job.jobId });
    status(500);
    const byUrl = await notifier.tests.test(ALICE, { webhook: receiver.url });
    expect([byJob, byUrl]).toMatchObject([
      { delivered: true, status_code: 204, error: '' },
      { delivered: false, status_code: 500, error: 'the receiver answered 500 Internal Server Error' },
    ]);
    expect(receiver.ids).toEqual([byJob.webhook_id, byUrl.webhook_id]);
    expect(verify(receiver.received[0]!, secret, stage.clock)).toMatchObject({ type: 'webhook.test' });
    expect(await notifier.states()).toEqual([]);
  });

  it('a tenant has two tests at a time, and leaves places to others', async () => {
    const held: (() => void)[] = [];
    receiver.answer = (response) => held.push(() => response.writeHead(204).end());
    const test = (clientId: string) => notifier.tests.test({ ...ALICE, clientId }, { webhook: receiver.url });
    const sent = [test('tenant-a'), test('tenant-a')];
    await expect(test('tenant-a')).rejects.toMatchObject({ kind: 'too many requests' });
    sent.push(test('tenant-b'));
    await until(() => held.length === 3);
    for (const answer of held) answer();
    expect((await Promise.all(sent)).map(({ delivered }) => delivered)).toEqual([true, true, true]);
    receiver.answer = (response) => response.writeHead(204).end();
    expect(await test('tenant-a')).toMatchObject({ delivered: true });
  });

  it.each([
    [{}, 'bad field'],
    [{ webhook: 'no url' }, 'bad field'],
    [{ job_id: 'x', webhook: 'http://a.test/' }, 'bad field'],
    [{ job_id: 'x' }, 'unknown job'],
  ])('a test of %j is refused: %s', async (input, kind) => {
    await expect(notifier.tests.test(ALICE, input)).rejects.toMatchObject({ kind });
  });

  it('old deliveries are forgotten after their time', async () => {
    await end();
    await notifier.round();
    await notifier.cleaner.clean();
    expect(await notifier.states()).toHaveLength(1);
    stage.clock.pass(8 * 24 * HOUR);
    await notifier.cleaner.clean();
    expect(await notifier.states()).toEqual([]);
  });

  it('secrets are shown once, and are the own tenant’s', async () => {
    const { secret, ...made } = await notifier.secrets.create(ALICE, 'symmetric');
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await notifier.secrets.list(ALICE)).toEqual([made]);
    const bob = { ...ALICE, clientId: 'tenant-b' };
    expect(await notifier.secrets.list(bob)).toEqual([]);
    await expect(notifier.secrets.remove(bob, made.secret_id)).rejects.toMatchObject({
      kind: 'unknown secret',
    });
    await expect(notifier.secrets.create(ALICE, 'other')).rejects.toMatchObject({ kind: 'bad field' });
    await notifier.secrets.create(ALICE, 'symmetric');
    await expect(notifier.secrets.create(ALICE, 'symmetric')).rejects.toMatchObject({
      kind: 'too many secrets',
    });
  });
}

describe('with SQLite', () => deliverySuite(sqliteStores()));

describeWith('mariadb', 'with MariaDB', (server) => deliverySuite(mysqlStores(server)));
