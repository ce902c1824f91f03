/** Null when none of them has any. */
export function firstFault(parts: Iterable<{ fault(): string | null }>): string | null {
  for (const part of parts) {
    const fault = part.fault();
    if (fault !== null) return fault;
  }
  return null;
}
