/** A connection that was not opened because its target must not be called; the message is for users. */
export class TargetRefused extends Error {
  readonly code = 'ERR_TARGET_REFUSED';
  override readonly name = 'TargetRefused';
}
