/** Where commands of the kind "in a cluster" run, and as whom. */
export interface KubernetesSettings {
  /** Every Job goes there; null: the mode is off. Never the namespace that this service itself runs in. */
  namespace: string | null;
  /** A kubeconfig; null: `KUBECONFIG`, else the cluster that this process runs in. */
  configFile: string | null;
  /** The account of every pod; its token is not mounted. */
  serviceAccount: string;
  /** Secrets of the namespace that images are pulled with. */
  imagePullSecrets: readonly string[];
  /** Tenants whose jobs may use the mode; null: everyone's. */
  tenants: readonly string[] | null;
  /** How often Jobs are looked for that nobody waits for any more. Default 20 s. */
  cleanUpEveryMs?: number;
}

/** DI token of {@link KubernetesSettings}. */
export const KUBERNETES_SETTINGS = Symbol('KUBERNETES_SETTINGS');
