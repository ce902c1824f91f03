/**
 * The number that `H` takes its value from: 32 bits, the same for the same job and field for ever, independent
 * from field to field. FNV-1a with the finalizer of MurmurHash3. Changing it moves every job that uses `H`.
 */
export function hashOf(key: string, field: string): number {
  let hash = 0x811c9dc5;
  const text = `${field}:${key}`;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
