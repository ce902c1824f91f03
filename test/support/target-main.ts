/**
 * A program that plays the HTTP target: it answers by path and remembers every request, cheaply enough for
 * 10 000 requests a second, so a hand-made reader of HTTP/1.1 over plain sockets. One file, no imports of ours:
 * it runs by `node target-main.ts` as well as compiled.
 *
 * Paths (whatever follows is free, to tell tests apart): `/fast` (`/ok` for loads: read only when asked about), `/ok`, `/status/N`, `/accept` (202), `/slow/MS`, `/hang`,
 * `/hang-once`, `/flaky/N` (500 for the first N tries of an execution), `/reset`, `/redirect/N`, `/redirect307/N`,
 * `/redirect-to?URL`, `/echo`, `/unhealthy` (503 with a text that is no JSON), `/callback-early/N` (calls back, then
 * answers N), `/callback-after/MS` (202, calls back MS later).
 * Control: `GET /__log?path=PREFIX`, `GET /__compact`, `GET /__count`, `POST /__reset`, `POST /__config` (`{"management": origin}`).
 */
import { request } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';

interface Seen {
  /** Epoch milliseconds with microseconds behind the point. */
  at: number;
  head: string;
  body: string;
}
interface Whole {
  head: string;
  body: string;
  length: number;
}
type Behaviour = (socket: Socket, seen: Seen, argument: string) => void;

/** Requests to `/fast` stay as they came until somebody asks. */
const seenRequests: (Seen | { at: number; chunk: Buffer })[] = [];
const FAST = Buffer.from('POST /fast');
const FAST_END = Buffer.from('\r\n\r\nnull');
const FAST_ANSWER = Buffer.from(
  'HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}',
);
const triesOf = new Map<string, number>();
let management = '';

const now = () => performance.timeOrigin + performance.now();
const pathOf = (seen: Seen) => seen.head.slice(seen.head.indexOf(' ') + 1, seen.head.indexOf(' HTTP/1.'));
const methodOf = (seen: Seen) => seen.head.slice(0, seen.head.indexOf(' '));

function header(seen: Seen, name: string): string {
  const at = seen.head.toLowerCase().indexOf(`\r\n${name}:`);
  if (at < 0) return '';
  const end = seen.head.indexOf('\r\n', at + 2);
  return seen.head.slice(at + name.length + 3, end < 0 ? undefined : end).trim();
}

function respond(socket: Socket, seen: Seen, status: number, body = '{"ok":true}', extra = ''): void {
  const text = status === 204 || methodOf(seen) === 'HEAD' ? '' : body;
  const length = status === 204 ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
  socket.write(`HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\n${length}${extra}\r\n${text}`);
}

function redirect(status: number, segment: string): Behaviour {
  return (socket, seen, hops) => {
    if (Number(hops) === 0) return respond(socket, seen, 200);
    const rest = pathOf(seen).split('/').slice(3).join('/');
    respond(socket, seen, status, '', `location: /${segment}/${Number(hops) - 1}/${rest}\r\n`);
  };
}

function nextTry(seen: Seen): number {
  const id = header(seen, 'x-ecron-execute-id');
  const tries = (triesOf.get(id) ?? 0) + 1;
  triesOf.set(id, tries);
  return tries;
}

/** Retries while the service is down, as a target that takes its work seriously would. */
function callBack(seen: Seen, done: () => void, triesLeft = 100): void {
  const again = () => {
    if (triesLeft > 0) setTimeout(() => callBack(seen, done, triesLeft - 1), 200);
    else done();
  };
  const url = management + header(seen, 'webhook');
  const call = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (answer) => {
    answer.resume();
    answer.on('end', answer.statusCode === 200 ? done : again);
  });
  call.on('error', again);
  call.end('{"from":"callback"}');
}

const BEHAVIOURS: Record<string, Behaviour> = {
  ok: (socket, seen) => respond(socket, seen, 200),
  status: (socket, seen, status) => respond(socket, seen, Number(status), `{"status":${status}}`),
  accept: (socket, seen) => respond(socket, seen, 202),
  slow: (socket, seen, ms) => void setTimeout(() => respond(socket, seen, 200), Number(ms)),
  hang: () => undefined,
  'hang-once': (socket, seen) => {
    if (nextTry(seen) > 1) respond(socket, seen, 200);
  },
  flaky: (socket, seen, failures) => respond(socket, seen, nextTry(seen) <= Number(failures) ? 500 : 200),
  reset: (socket) => void socket.resetAndDestroy(),
  redirect: redirect(302, 'redirect'),
  redirect307: redirect(307, 'redirect307'),
  'redirect-to': (socket, seen) => {
    respond(socket, seen, 302, '', `location: ${pathOf(seen).slice(pathOf(seen).indexOf('?') + 1)}\r\n`);
  },
  echo: (socket, seen) => respond(socket, seen, 200, seen.body),
  unhealthy: (socket, seen) => respond(socket, seen, 503, 'no healthy upstream'),
  'callback-early': (socket, seen, status) => callBack(seen, () => respond(socket, seen, Number(status))),
  'callback-after': (socket, seen, ms) => {
    respond(socket, seen, 202);
    setTimeout(() => callBack(seen, () => undefined), Number(ms));
  },
};

function show(seen: Seen): object {
  const rawHeaders = seen.head
    .split('\r\n')
    .slice(1)
    .map((line): [string, string] => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]);
  const headers = Object.fromEntries(rawHeaders);
  return { at: seen.at, method: methodOf(seen), path: pathOf(seen), headers, rawHeaders, body: seen.body };
}

function readAll(): Seen[] {
  return seenRequests.map((one) => {
    if ('head' in one) return one;
    return { at: one.at, ...(takeRequest(one.chunk) as Whole) };
  });
}

/** A whole request to `/fast` without a body of its own, and nothing else. */
function isFast(chunk: Buffer): boolean {
  return chunk.subarray(0, FAST.length).equals(FAST) && chunk.subarray(-FAST_END.length).equals(FAST_END);
}

function compactLine(seen: Seen): string {
  const names = ['x-ecron-execute-id', 'x-ecron-attempt', 'x-ecron-job-id', 'x-ecron-slot'];
  return [seen.at.toFixed(3), ...names.map((name) => header(seen, name) || '-')].join(' ');
}

function control(socket: Socket, seen: Seen, path: string): void {
  const [name, query = ''] = path.split('?');
  if (name === '/__compact') return respond(socket, seen, 200, readAll().map(compactLine).join('\n'));
  if (name === '/__count') return respond(socket, seen, 200, String(seenRequests.length));
  if (name === '/__log') {
    const prefix = new URLSearchParams(query).get('path') ?? '';
    const chosen = readAll().filter((one) => pathOf(one).startsWith(prefix));
    return respond(socket, seen, 200, JSON.stringify(chosen.map(show)));
  }
  if (name === '/__reset') seenRequests.length = 0;
  if (name === '/__config') management = (JSON.parse(seen.body) as { management: string }).management;
  respond(socket, seen, 200);
}

function answer(socket: Socket, seen: Seen): void {
  const path = pathOf(seen);
  if (path.startsWith('/__')) return control(socket, seen, path);
  seenRequests.push(seen);
  const [, name = '', argument = ''] = path.split(/[/?]/);
  const behaviour = BEHAVIOURS[name];
  if (behaviour) behaviour(socket, seen, argument);
  else respond(socket, seen, 404, '{"target":"no such behaviour"}');
}

/** One whole request from the front of the buffer; null while it is incomplete. A body without a length is not read. */
function takeRequest(buffered: Buffer): Whole | null {
  const headEnd = buffered.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = buffered.toString('latin1', 0, headEnd);
  const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  const length = headEnd + 4 + bodyLength;
  return buffered.length < length
    ? null
    : { head, body: buffered.toString('utf8', headEnd + 4, length), length };
}

function serve(socket: Socket): void {
  let buffered: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    const at = now();
    if (buffered.length === 0 && isFast(chunk)) {
      seenRequests.push({ at, chunk });
      socket.write(FAST_ANSWER);
      return;
    }
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    for (let whole = takeRequest(buffered); whole; whole = takeRequest(buffered)) {
      buffered = buffered.subarray(whole.length);
      answer(socket, { at, head: whole.head, body: whole.body });
    }
  });
}

const server = createServer(serve);
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on('SIGTERM', () => process.exit(0));
// The parent holds the other end of stdin: when it dies, so does its target.
process.stdin.on('end', () => process.exit(0)).resume();
