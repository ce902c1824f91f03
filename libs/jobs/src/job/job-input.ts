import {
  type HttpAssertion,
  type HttpTls,
  type JsonObject,
  type PolicySettings,
  type SuccessCode,
} from '@ecron/domain';

/** A value that clients may leave out or send as null, which mean the same unless said otherwise. */
export type Optional<T> = T | null | undefined;

/** `job_context` as a client sends it: types are checked, values are not. */
export interface ContextInput {
  mode?: Optional<string>;
  exec?: Optional<string>;
  info?: Optional<InfoInput>;
  notify?: Optional<{ webhook?: Optional<string>; on?: Optional<string> }>;
  begin_at?: Optional<string>;
  end_at?: Optional<string>;
  execute_id?: Optional<string>;
  /** Left out, an edit keeps what is stored; null resets it. */
  policy?: Optional<PolicyInput>;
}

export interface InfoInput {
  method?: Optional<string>;
  params?: Optional<Record<string, string>>;
  headers?: Optional<Record<string, string>>;
  body?: Optional<JsonObject>;
  kubernetes?: Optional<JsonObject>;
  tls?: Optional<{ [K in keyof HttpTls]: Optional<HttpTls[K]> }>;
  max_redirects?: Optional<number>;
  body_text?: Optional<string>;
  success_codes?: Optional<SuccessCode[]>;
  assert?: Optional<{ [K in keyof HttpAssertion]: Optional<HttpAssertion[K]> }>;
  keep_head?: Optional<boolean>;
  /** Left out, an edit keeps the marks that are stored. */
  secret_headers?: Optional<string[]>;
  /** As above. */
  secret_body?: Optional<boolean>;
}

/** Values are checked with the types: each member is within its limits, or null, which is as good as left out. */
export type PolicyInput = Nullable<Omit<PolicySettings, 'misfire' | 'retry'>> & {
  misfire?: Optional<Nullable<NonNullable<PolicySettings['misfire']>>>;
  retry?: Optional<Nullable<NonNullable<PolicySettings['retry']>>>;
};
type Nullable<T> = { [K in keyof T]?: Optional<T[K]> };

/** A Job as a client sends it. What only the server sets is ignored. */
export interface JobInput {
  job_id?: Optional<string>;
  job_name?: Optional<string>;
  job_cron_time?: Optional<string>;
  job_type?: Optional<string>;
  job_context?: Optional<ContextInput>;
  enabled?: Optional<boolean>;
  remarks?: Optional<string>;
  /** Left out, an edit keeps what is stored; null or "" takes the configured zone. */
  time_zone?: Optional<string>;
}
