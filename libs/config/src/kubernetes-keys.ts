import { key } from './key.js';
import { absolutePath, kubernetesName, kubernetesNameList } from './kinds.js';

/** Where jobs of mode `exe` with `info.kubernetes` run. */
export const KUBERNETES_KEYS = {
  kubernetes_namespace: key({
    group: 'Kubernetes',
    kind: kubernetesName,
    fallback: null,
    fallbackText: 'none: Kubernetes Jobs are off, such jobs can be stored and their runs fail',
    doc: 'The namespace that every Kubernetes Job goes into. Give them one of their own: in the one that this service runs in they stay off.',
  }),
  kubernetes_config: key({
    group: 'Kubernetes',
    kind: absolutePath,
    fallback: null,
    fallbackText: '`KUBECONFIG` of the process where it is set, else the cluster that the service runs in',
    doc: 'A kubeconfig; its current context is used. Jobs with `addr` and `port` of their own go through that proxy instead.',
  }),
  kubernetes_service_account: key({
    group: 'Kubernetes',
    kind: kubernetesName,
    fallback: 'default',
    doc: 'The service account of the pods, in that namespace. Its token is never mounted.',
  }),
  kubernetes_image_pull_secrets: key({
    group: 'Kubernetes',
    kind: kubernetesNameList,
    fallback: null,
    fallbackText: 'none',
    doc: 'Secrets of that namespace that images are pulled with.',
  }),
} as const;
