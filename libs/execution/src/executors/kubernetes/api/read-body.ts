import { type Readable } from 'node:stream';

/** No list of ours, and no single object, is as long. */
const MAX_BYTES = 33_554_432;

/** @throws RangeError for one of more than 32 MB. */
export async function readText(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BYTES) throw new RangeError('the answer of the API server is too long');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export async function readJson(body: Readable): Promise<unknown> {
  return JSON.parse(await readText(body));
}

/** @throws RangeError for a line of more than 32 MB, and for more than `maxBytes` in all. */
export async function* readLines(body: Readable, maxBytes: number): AsyncGenerator<string> {
  let allBytes = 0;
  let rest: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    let from = 0;
    const piece = chunk as Buffer;
    allBytes += piece.length;
    if (allBytes > maxBytes) throw new RangeError('the API server sends too much to one watch');
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, from)) {
      yield Buffer.concat([...rest, piece.subarray(from, at)]).toString('utf8');
      [rest, bytes, from] = [[], 0, at + 1];
    }
    rest.push(piece.subarray(from));
    bytes += piece.length - from;
    if (bytes > MAX_BYTES) throw new RangeError('a line of the API server is too long');
  }
}
