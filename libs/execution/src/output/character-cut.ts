const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** The beginning of UTF-8 bytes, at most `limit` of them, without a part of a character at its end. */
export function cutEnd(bytes: Buffer, limit: number): Buffer {
  if (bytes.length <= limit) return bytes;
  let end = limit;
  while (end > 0 && isContinuation(bytes[end])) end--;
  return bytes.subarray(0, end);
}

/** UTF-8 bytes from some byte on, without the rest of a character that the cut went through. */
export function cutStart(bytes: Buffer, from: number): Buffer {
  let start = Math.max(0, from);
  while (isContinuation(bytes[start])) start++;
  return bytes.subarray(start);
}
