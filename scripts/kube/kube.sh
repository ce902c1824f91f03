#!/usr/bin/env bash
# A real Kubernetes control plane for tests, built from source: etcd, API server, controller manager and scheduler in one
# binary, and as its node kubelet.mjs, which runs the commands of pods as processes of this machine. No containers.
#
#   kube.sh build    builds the binary unless it is there (some 10 minutes, 3 GB of memory); needs Go
#   kube.sh built    exit 0 if it is there
#   kube.sh up       starts a cluster unless it runs; prints its KUBECONFIG; builds first where needed
#   kube.sh down     stops it and removes its data (--keep: not the data)
#   kube.sh status   its processes; exit 0 if the control plane is up
#
# Settings (environment):
#   KUBE_CACHE  where the built binary is kept     (~/.cache/kubelite)
#   KUBE_DIR    this cluster's data, keys, logs    ($TMPDIR/kubelite-$KUBE_PORT)
#   KUBE_PORT   first port; the API is at +443     (25000)
#   KUBE_NODE   process, or none                   (process)
#   KUBE_CONTROLLERS  '*' for all of them          (what Jobs and Deployments need)
# It needs Linux, openssl and curl, and listens on loopback only. What a pod says is run: trusted tests only.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
K8S=1.37.2
KUBE_CACHE=${KUBE_CACHE:-$HOME/.cache/kubelite}
KUBE_PORT=${KUBE_PORT:-25000}
KUBE_DIR=${KUBE_DIR:-${TMPDIR:-/tmp}/kubelite-$KUBE_PORT}
KUBE_NODE=${KUBE_NODE:-process}
# node-lifecycle takes the not-ready taint off the node: without it nothing is ever scheduled
KUBE_CONTROLLERS=${KUBE_CONTROLLERS:-job-controller,ttl-after-finished-controller,garbage-collector-controller,namespace-controller,serviceaccount-controller,root-ca-certificate-publisher-controller,pod-garbage-collector-controller,node-lifecycle-controller,deployment-controller,replicaset-controller,endpointslice-controller,disruption-controller}
BIN=$KUBE_CACHE/kubelite-$K8S
P_ETCD=$KUBE_PORT P_PEER=$((KUBE_PORT + 1)) P_API=$((KUBE_PORT + 443)) P_KCM=$((KUBE_PORT + 257)) P_KUBELET=$((KUBE_PORT + 250))
PKI=$KUBE_DIR/pki LOG=$KUBE_DIR/log RUN=$KUBE_DIR/run
NODE_BIN=${NODE_BIN:-node}
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN{printf "%.1f s", b-a}'; }
say() { printf '%s\n' "$*" >&2; }

build() {
  mkdir -p "$KUBE_CACHE"
  if [ ! -x "$BIN" ]; then
    local t ld="-s -w" p; t=$(now)
    for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
      ld+=" -X $p.gitVersion=v$K8S -X $p.gitMajor=1 -X $p.gitMinor=37 -X $p.gitTreeState=clean -X $p.gitCommit=$(printf '0%.0s' {1..40})"
    done
    say "building Kubernetes $K8S ..."
    (cd "$HERE/kubelite" && go build -p 2 -trimpath -ldflags "$ld" -o "$BIN.tmp" .) && mv "$BIN.tmp" "$BIN"
    say "built in $(since "$t")"
  fi
}

cert() { # name subject-as-/O=../CN=.. [subjectAltName]
  [ -s "$PKI/$1.crt" ] && return
  openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/$1.key"
  openssl req -new -key "$PKI/$1.key" -subj "$2" -out "$PKI/$1.csr"
  { echo "extendedKeyUsage=clientAuth,serverAuth"; [ -z "${3:-}" ] || echo "subjectAltName=$3"; } > "$PKI/$1.ext"
  openssl x509 -req -in "$PKI/$1.csr" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -set_serial "0x$(openssl rand -hex 8)" \
    -days 3650 -sha256 -extfile "$PKI/$1.ext" -out "$PKI/$1.crt" 2> /dev/null
}
kubeconfig() { # name
  local b="base64 -w0"
  cat > "$KUBE_DIR/$1.kubeconfig" <<Y
apiVersion: v1
kind: Config
clusters: [{name: kubelite, cluster: {server: "https://127.0.0.1:$P_API", certificate-authority-data: $($b "$PKI/ca.crt")}}]
users: [{name: $1, user: {client-certificate-data: $($b "$PKI/$1.crt"), client-key-data: $($b "$PKI/$1.key")}}]
contexts: [{name: kubelite, context: {cluster: kubelite, user: $1, namespace: default}}]
current-context: kubelite
Y
  chmod 600 "$KUBE_DIR/$1.kubeconfig"
}
pki() {
  mkdir -p "$PKI" "$LOG" "$RUN"; chmod 700 "$KUBE_DIR"
  if [ ! -s "$PKI/ca.crt" ]; then
    openssl ecparam -name prime256v1 -genkey -noout -out "$PKI/ca.key"
    openssl req -x509 -new -key "$PKI/ca.key" -subj /CN=kubelite-ca -days 3650 -out "$PKI/ca.crt" \
      -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature 2> /dev/null
    openssl genrsa -out "$PKI/sa.key" 2048 2> /dev/null
  fi
  cert apiserver /CN=kube-apiserver IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc
  cert apiserver-kubelet-client /CN=kube-apiserver-kubelet-client
  cert kubelet /O=system:nodes/CN=system:node:node-1 IP:127.0.0.1,DNS:node-1
  cert admin /O=system:masters/CN=admin
  cert controller-manager /CN=system:kube-controller-manager
  cert scheduler /CN=system:kube-scheduler
  local n; for n in admin controller-manager scheduler; do kubeconfig "$n"; done
}

alive() { # name: pid file names a live process that is ours
  local p; p=$(cat "$RUN/$1.pid" 2> /dev/null) || return 1
  [ -d "/proc/$p" ] && tr '\0' ' ' < "/proc/$p/cmdline" | grep -qF -- "$KUBE_DIR"
}
start() { # name command...
  local n=$1; shift
  alive "$n" && return
  (cd "$KUBE_DIR" && exec setsid nohup "$@" >> "$LOG/$n.log" 2>&1 < /dev/null) &
  echo $! > "$RUN/$n.pid"
}
api() { curl -sf --max-time 5 --cacert "$PKI/ca.crt" --cert "$PKI/admin.crt" --key "$PKI/admin.key" "https://127.0.0.1:$P_API$1" "${@:2}"; }
wait_for() { # what seconds command...
  local what=$1 n=$(( $2 * 10 )); shift 2
  until "$@" > /dev/null 2>&1; do n=$((n - 1)); [ $n -gt 0 ] || { say "timed out: $what (logs: $LOG)"; return 1; }; sleep 0.1; done
}

up() {
  build
  local t; t=$(now)
  pki
  start etcd "$BIN" etcd --name kubelite --data-dir "$KUBE_DIR/etcd" --log-level warn --unsafe-no-fsync \
    --listen-client-urls "http://127.0.0.1:$P_ETCD" --advertise-client-urls "http://127.0.0.1:$P_ETCD" \
    --listen-peer-urls "http://127.0.0.1:$P_PEER" --initial-advertise-peer-urls "http://127.0.0.1:$P_PEER" \
    --initial-cluster "kubelite=http://127.0.0.1:$P_PEER"
  wait_for etcd 20 curl -sf "http://127.0.0.1:$P_ETCD/health"
  start apiserver "$BIN" kube-apiserver --etcd-servers "http://127.0.0.1:$P_ETCD" --bind-address 127.0.0.1 --secure-port $P_API \
    --advertise-address 127.0.0.1 --endpoint-reconciler-type none --service-cluster-ip-range 10.96.0.0/16 \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --client-ca-file "$PKI/ca.crt" \
    --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$PKI/sa.key" \
    --service-account-signing-key-file "$PKI/sa.key" \
    --kubelet-certificate-authority "$PKI/ca.crt" --kubelet-client-certificate "$PKI/apiserver-kubelet-client.crt" \
    --kubelet-client-key "$PKI/apiserver-kubelet-client.key" --kubelet-preferred-address-types InternalIP --profiling=false -v 1
  wait_for apiserver 90 api /readyz
  say "apiserver ready after $(since "$t")"
  start controller-manager "$BIN" kube-controller-manager --kubeconfig "$KUBE_DIR/controller-manager.kubeconfig" --bind-address 127.0.0.1 \
    --secure-port $P_KCM --leader-elect=false --use-service-account-credentials --root-ca-file "$PKI/ca.crt" \
    --service-account-private-key-file "$PKI/sa.key" --controllers "$KUBE_CONTROLLERS" --kube-api-qps 500 --kube-api-burst 1000 --profiling=false
  start scheduler "$BIN" kube-scheduler --kubeconfig "$KUBE_DIR/scheduler.kubeconfig" --bind-address 127.0.0.1 --secure-port 0 --leader-elect=false
  [ "$KUBE_NODE" = none ] || start kubelet "$NODE_BIN" "$HERE/kubelet.mjs" --dir "$KUBE_DIR" --api "https://127.0.0.1:$P_API" --port $P_KUBELET --node node-1
  wait_for "default ServiceAccount" 60 api /api/v1/namespaces/default/serviceaccounts/default
  [ "$KUBE_NODE" = none ] || wait_for "Ready node" 30 bash -c "$(declare -f api); PKI=$PKI P_API=$P_API; api /api/v1/nodes/node-1 | tr -d ' \n' | grep -q '\"type\":\"Ready\"' "
  say "up in $(since "$t"): https://127.0.0.1:$P_API"
  echo "export KUBECONFIG=$KUBE_DIR/admin.kubeconfig"
}
down() {
  local n p
  for n in kubelet scheduler controller-manager apiserver etcd; do
    alive "$n" || { rm -f "$RUN/$n.pid"; continue; }
    p=$(cat "$RUN/$n.pid"); kill "$p" 2> /dev/null || true
    for _ in $(seq 10); do alive "$n" || break; sleep 0.1; done # (a zombie is not alive) the API server would wait a minute for watchers
    ! alive "$n" || kill -9 "$p" 2> /dev/null || true
    rm -f "$RUN/$n.pid"
  done
  [ "${1:-}" = --keep ] || rm -rf "$KUBE_DIR"
  say "down"
}
status() {
  local n p rc=0
  for n in etcd apiserver controller-manager scheduler kubelet; do
    if alive "$n"; then p=$(cat "$RUN/$n.pid"); printf '%-20s pid %-7s %5d MB\n' "$n" "$p" $(( $(awk '/VmRSS/{print $2}' "/proc/$p/status") / 1024 ))
    else printf '%-20s -\n' "$n"; case $n in etcd | apiserver | controller-manager) rc=1 ;; esac; fi
  done
  return $rc
}
case ${1:-} in
  build) build ;;
  built) [ -x "$BIN" ] ;;
  up) up ;;
  down) down "${2:-}" ;;
  status) status ;;
  *) sed -n '2,19p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
