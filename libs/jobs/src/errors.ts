/** Every way a call can be refused. The catalogue of the REST layer gives each its status, code and message. */
export const ERROR_KINDS = [
  'bad request',
  'bad field',
  'name empty',
  'bad time',
  'window reversed',
  'bad mode',
  'bad cron',
  'bad type',
  'bad status',
  'bad paging',
  'no filter',
  'no status',
  'unauthorized',
  'forbidden',
  'unknown job',
  'unknown execution',
  'unknown delivery',
  'unknown secret',
  'unknown path',
  'not configured',
  'wrong method',
  'name taken',
  'execute id taken',
  'already final',
  'no webhook',
  'too many secrets',
  'too large',
  'too many requests',
  'internal',
  'unavailable',
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** What a caller can act on: the fields that are wrong, or what stands in the way. */
export type ErrorDetail =
  { parameters: string[] } | { conflicts: string[] } | { correlation_id: string } | null;

/** A refusal that the caller is told about, thrown by the use cases. Nothing was changed. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly kind: ErrorKind,
    /** English in every language; goes out as `cause`, so never a secret or an internal text. */
    readonly causeText: string,
    readonly detail: ErrorDetail = null,
    /** When to come again; null: nothing is known of that. */
    readonly retryAfterS: number | null = null,
  ) {
    super(causeText);
  }
}

/** The refusals with their exact texts; old clients compare some of them. */
export const refuse = {
  request: (text: string) => new ApiError('bad request', text),
  /** Path as in the request: `job_context.info.headers.x`; the rule goes on after it: "must be text". */
  field: (path: string, rule: string) => new ApiError('bad field', `${path} ${rule}`, { parameters: [path] }),
  fields: (paths: string[], causeText: string) => new ApiError('bad field', causeText, { parameters: paths }),
  nameEmpty: () => new ApiError('name empty', 'Job name is empty', { parameters: ['job_name'] }),
  nameTaken: () => new ApiError('name taken', 'Job name already exists', { conflicts: ['job_name'] }),
  unknownJob: () => new ApiError('unknown job', 'This job does not exist', { conflicts: ['job_id'] }),
  unknownExecution: () =>
    new ApiError('unknown execution', 'This execution does not exist', { conflicts: ['execute_id'] }),
  executeIdTaken: () =>
    new ApiError('execute id taken', 'This execute_id is already in use', { conflicts: ['execute_id'] }),
  alreadyFinal: () => new ApiError('already final', 'This execution has ended', { conflicts: ['state'] }),
  commands: () => new ApiError('forbidden', 'This tenant may not run commands', { parameters: ['mode'] }),
  cron: (rule: string) =>
    new ApiError('bad cron', `Cron time error: ${rule}`, { parameters: ['job_cron_time'] }),
  mode: () => new ApiError('bad mode', 'Unsupported execution mode', { parameters: ['mode'] }),
  type: () => new ApiError('bad type', 'Illegal job type', { parameters: ['job_type'] }),
  status: () => new ApiError('bad status', 'Illegal job status', { parameters: ['job_status'] }),
  // The blank at the end is part of the text that clients know.
  time: (field: string) => new ApiError('bad time', 'Illegal time ', { parameters: [field] }),
  windowReversed: () =>
    new ApiError('window reversed', 'End time is earlier than start time', {
      parameters: ['begin_at', 'end_at'],
    }),
  paging: () => new ApiError('bad paging', 'Limit or page illegal', { parameters: ['page', 'limit'] }),
  noFilter: () =>
    new ApiError('no filter', 'Query parameters is null', {
      parameters: ['job_id', 'job_type', 'job_status', 'begin_at', 'end_at'],
    }),
  noStatus: () => new ApiError('no status', 'Empty status', { parameters: ['body'] }),
  tooManyWaiting: () =>
    new ApiError('too many requests', 'Too many runs of this job are waiting', { conflicts: ['job_id'] }),
  unknownDelivery: () =>
    new ApiError('unknown delivery', 'This delivery does not exist', { conflicts: ['delivery_id'] }),
  unknownSecret: () =>
    new ApiError('unknown secret', 'This webhook secret does not exist', { conflicts: ['secret_id'] }),
  noWebhook: () =>
    new ApiError('no webhook', 'There is no webhook, or it is disabled', { conflicts: ['webhook'] }),
  tooManySecrets: (most: number) =>
    new ApiError('too many secrets', `There are ${most} secrets of this kind: delete one first`, {
      conflicts: ['kind'],
    }),
  tooManyTests: () => new ApiError('too many requests', 'Too many webhooks are being tested'),
  tooManyFollowers: () => new ApiError('too many requests', 'Too many callers follow outputs'),
  tooLarge: (causeText: string) => new ApiError('too large', causeText),
};
