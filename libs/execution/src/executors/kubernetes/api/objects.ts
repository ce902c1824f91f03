import { type JsonObject } from '@ecron/domain';

/** What is read of objects of the API; they have more. */
export interface ApiObject {
  metadata: {
    name: string;
    uid: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
}

export interface ApiJob extends ApiObject {
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

export interface ContainerStatus {
  name: string;
  state?: {
    waiting?: { reason?: string; message?: string };
    running?: object;
    terminated?: { exitCode: number; reason?: string };
  };
}

export interface ApiPod extends ApiObject {
  status?: {
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

export interface ApiEvent extends ApiObject {
  message?: string;
}

export interface ApiList<T> {
  metadata?: { resourceVersion?: string };
  items: T[];
}

/** One line of a watch. */
export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  /** What goes with these is not read. */
  | { type: 'BOOKMARK' | 'ERROR' };

/** A Job as it is sent. */
export type JobBody = JsonObject & { metadata: { name: string } };
