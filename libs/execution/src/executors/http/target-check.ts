/**
 * Asked before each hop, redirects included, with the whole URL. Null: go ahead; a text says why the
 * target is refused and ends the execution without a retry. It must not repeat user or password.
 */
export type TargetCheck = (url: URL) => string | null;

/** The least that holds everywhere: only http and https leave this process. */
export const checkScheme: TargetCheck = ({ protocol }) =>
  protocol === 'http:' || protocol === 'https:' ? null : `${protocol.slice(0, -1)} is neither http nor https`;
