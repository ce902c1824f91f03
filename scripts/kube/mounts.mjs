// Volumes of a pod, and the mount namespace in which its processes find them where the pod says: with the rights of root, or
// of nobody in a user namespace of its own. What is not there on the machine is laid over the folder above it, for that
// process alone.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const UNSHARE =
  process.getuid() === 0 ? ['unshare', '--mount'] : ['unshare', '--user', '--map-root-user', '--mount'];
/** Whether this machine lets us; without it pods run as before, without volumes. */
export const canMount =
  spawnSync(UNSHARE[0], [...UNSHARE.slice(1), 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0;

/**
 * Makes the folders of the pod's volumes and fills them, once: later changes of a ConfigMap or Secret do not reach the pod.
 * Gives their paths by name. `read(kind, name)` gets an object of the pod's namespace, `token(seconds)` one of its account.
 */
export async function makeVolumes(pod, dir, { read, token }) {
  const made = {};
  for (const volume of pod.spec.volumes ?? []) {
    const folder = path.join(dir, 'volumes', volume.name);
    const files = await filesOf(volume, pod, { read, token });
    if (files === null) continue;
    fs.mkdirSync(folder, { recursive: true });
    for (const [name, content] of files) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), content);
    }
    if (volume.emptyDir) fs.chmodSync(folder, 0o1777);
    made[volume.name] = folder;
  }
  return made;
}

/** Null: a kind of volume that this node does not know. */
async function filesOf(volume, pod, sources) {
  if (volume.emptyDir) return [];
  if (volume.projected) {
    const all = await Promise.all(volume.projected.sources.map((source) => filesOf(source, pod, sources)));
    return all.flatMap((files) => files ?? []);
  }
  if (volume.configMap) return keysOf('configmaps', volume.configMap, sources);
  if (volume.secret) return keysOf('secrets', volume.secret, sources);
  if (volume.serviceAccountToken)
    return [
      [volume.serviceAccountToken.path, await sources.token(volume.serviceAccountToken.expirationSeconds)],
    ];
  if (volume.downwardAPI)
    return volume.downwardAPI.items.map((item) => [item.path, String(field(pod, item.fieldRef.fieldPath))]);
  return null;
}

const field = (pod, fieldPath) => fieldPath.split('.').reduce((value, name) => value?.[name], pod) ?? '';

async function keysOf(kind, { name, secretName, items, optional }, { read }) {
  const { code, body } = await read(kind, name ?? secretName);
  if (code === 404 && optional) return [];
  if (code !== 200) throw new Error(`${kind} "${name ?? secretName}" not found`);
  const decoded = (value) => (kind === 'secrets' ? Buffer.from(value, 'base64') : value);
  const all = Object.entries(body.data ?? {}).map(([key, value]) => [key, decoded(value)]);
  if (!items) return all;
  return items.flatMap((item) =>
    all.filter(([key]) => key === item.key).map(([, value]) => [item.path, value]),
  );
}

/** Every line: where, from where, and `ro` or `rw`; a blank line ends them, then comes the command. */
const ENTER = `
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
kept=/mnt/kept
mkdir -p "$kept"; mount --rbind "$KEEP" "$kept"
i=0
while [ -n "$1" ]; do
  i=$((i + 1)); [ -d "$2" ] && { mkdir -p "/mnt/$i"; } || touch "/mnt/$i"
  mount --bind "$2" "/mnt/$i"; eval "at$i=\\$1 mode$i=\\$3"
  shift 3
done
shift
n=$i i=0
while [ $i -lt $n ]; do
  i=$((i + 1)); eval "at=\\$at$i mode=\\$mode$i"
  if [ ! -e "$at" ]; then
    above=$(dirname "$at")
    while [ ! -d "$above" ]; do above=$(dirname "$above"); done
    above=$(realpath "$above")
    [ "$above" != / ] || { echo "node: cannot mount at $at: its parent is not there" >&2; exit 128; }
    mkdir -p "/mnt/over$i/up" "/mnt/over$i/work"
    mount -t overlay overlay -o "lowerdir=$above,upperdir=/mnt/over$i/up,workdir=/mnt/over$i/work" "$above"
    if [ -d "/mnt/$i" ]; then mkdir -p "$at"; else mkdir -p "$(dirname "$at")"; touch "$at"; fi
  fi
  mount --bind "/mnt/$i" "$at"
  [ "$mode" = rw ] || mount -o remount,bind,ro "$at"
  case "$KEEP/" in "$at"/*) mkdir -p "$KEEP"; mount --rbind "$kept" "$KEEP" ;; esac
done
[ "$ROOT_MODE" = rw ] || mount -o remount,bind,ro /
cd "$DIR"
unset KEEP ROOT_MODE DIR
exec "$@"
`;

/**
 * How to run `argv` of the container so that it finds its volumes, and cannot write elsewhere below `/` where its root is
 * read-only: what to spawn, and variables to add. `keep` stays visible whatever is mounted above it.
 */
export function entered(argv, container, volumes, keep, dir) {
  const mounts = (container.volumeMounts ?? []).filter((mount) => volumes[mount.name] !== undefined);
  const isReadOnly = container.securityContext?.readOnlyRootFilesystem === true;
  if (!canMount || (mounts.length === 0 && !isReadOnly))
    return { argv, env: {}, cwd: container.workingDir ?? dir };
  const lines = mounts.flatMap((mount) => [
    mount.mountPath,
    path.join(volumes[mount.name], mount.subPath ?? ''),
    mount.readOnly ? 'ro' : 'rw',
  ]);
  return {
    argv: [...UNSHARE, 'sh', '-c', ENTER, 'sh', ...lines, '', ...argv],
    env: { KEEP: keep, ROOT_MODE: isReadOnly ? 'ro' : 'rw', DIR: container.workingDir ?? '/' },
    cwd: '/',
  };
}
