import { connect } from 'node:net';
import { type HostPort } from './nsq-settings.js';

export type TcpFinding = 'nsqd' | 'nsqlookupd' | 'something else' | 'silence';

const ANSWER_WITHIN_MS = 1500;
const OK_FRAME = Buffer.from('\0\0\0\x06\0\0\0\0OK', 'latin1');
/** nsqlookupd speaks another version of the protocol, and frames its refusal without a type. */
const LOOKUPD_REFUSAL = Buffer.from('\0\0\0\x0eE_BAD_PROTOCOL', 'latin1');

/** Greets as a client of nsqd does, and judges by the answer. Never rejects. */
export function probeTcp({ host, port }: HostPort): Promise<TcpFinding> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let heard = Buffer.alloc(0);
    let isConnected = false;
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isConnected ? judge(heard) : 'silence');
    };
    const timer = setTimeout(end, ANSWER_WITHIN_MS);
    socket.on('connect', () => {
      isConnected = true;
      socket.write(greeting());
    });
    socket.on('data', (data) => {
      heard = Buffer.concat([heard, data]);
      if (heard.length >= OK_FRAME.length) end();
    });
    socket.on('error', end).on('close', end);
  });
}

function greeting(): Buffer {
  const body = Buffer.from('{}');
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([Buffer.from('  V2IDENTIFY\n'), size, body]);
}

function judge(heard: Buffer): TcpFinding {
  if (heard.subarray(0, OK_FRAME.length).equals(OK_FRAME)) return 'nsqd';
  const isRefusal =
    heard.length >= 8 &&
    LOOKUPD_REFUSAL.subarray(0, heard.length).equals(heard.subarray(0, LOOKUPD_REFUSAL.length));
  return isRefusal ? 'nsqlookupd' : 'something else';
}
