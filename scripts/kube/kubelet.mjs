// A node for tests: registers itself, runs each pod's containers as local PROCESSES (the image is not used), reports
// their states, serves the kubelet's log endpoint. No dependencies. Loopback only; it runs commands as this user.
//   node kubelet.mjs --dir DIR --api https://127.0.0.1:25443 --port 25250 --node node-1
// A container without `command` is run only if DIR/images.json names its image, without tag or digest: {"registry.example/ecron":
// ["node","/repo/dist/main.js"]} (the entry point; `args` follow). Otherwise it stays up till it is stopped or, in a Job, ends with 0
// at once. Image named `*:never`: stays in ImagePullBackOff.
// A pod's address is 10.N.x.y (an endpoint may not be in 127/8); on this machine it is 127.N.x.y, and that is what the pod's own
// `status.podIP` says: a process has to listen at that address alone, or it would take the port from the other pods.
// Not done: resources, users, other volumes than ConfigMap, Secret, projected and emptyDir, later changes of those, DNS.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { connect } from './api.mjs';
import { canMount, entered, makeVolumes } from './mounts.mjs';
import { passes, watch } from './probes.mjs';
import { forwardServices, serviceLinks } from './services.mjs';

const { values: o } = parseArgs({
  options: {
    dir: { type: 'string' },
    api: { type: 'string' },
    port: { type: 'string' },
    node: { type: 'string', default: 'node-1' },
  },
});
const pki = (f) => fs.readFileSync(path.join(o.dir, 'pki', f));
const tls = { ca: pki('ca.crt'), cert: pki('kubelet.crt'), key: pki('kubelet.key') };
const now = () => new Date().toISOString().replace(/\.\d+Z/, 'Z');
const micro = () => new Date().toISOString().replace('Z', '000Z');
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const note = (...a) => console.log(new Date().toISOString(), ...a);

const call = connect(o.api, tls);
/** What reads endpoints needs more rights than a node has. */
const adminCall = connect(o.api, { ca: tls.ca, cert: pki('admin.crt'), key: pki('admin.key') });
/** Not hidden from a pod whatever it mounts above it. */
const repository = path.resolve(import.meta.dirname, '../..');

/** Several nodes on one machine: each holds a range of loopback by listening at its last address. */
async function holdRange() {
  for (let n = 20; n < 90; n++) {
    const server = net.createServer();
    const isHeld = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(10_250, `127.${n}.255.254`, () => resolve(true));
    });
    if (isHeld) return n;
  }
  throw new Error('no range of loopback is free');
}
const range = await holdRange();
// For whoever wants to reach them from outside of the cluster.
fs.writeFileSync(
  path.join(o.dir, 'addresses.json'),
  JSON.stringify({ pods: `127.${range}`, services: `127.${range + 100}` }),
);
/** Where on this machine an address of the cluster is: those of pods and those of Services. */
const localOf = (ip) => {
  const [, n, x, y] = ip.split('.');
  return n === '96' ? `127.${range + 100}.${x}.${y}` : `127.${range}.${x}.${y}`;
};
const podUrl = (p) => `/api/v1/namespaces/${p.metadata.namespace}/pods/${p.metadata.name}`;
const setStatus = async (p, status) => {
  const r = await call(
    'PATCH',
    `${podUrl(p)}/status`,
    { metadata: { uid: p.metadata.uid }, status },
    'application/merge-patch+json',
  );
  if (r.code >= 400 && r.code !== 404 && r.code !== 409)
    note('status', p.metadata.name, r.code, r.body.message);
};

async function register() {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: o.node, labels: { 'kubernetes.io/hostname': o.node, 'kubernetes.io/os': 'linux' } },
  };
  await call('POST', '/api/v1/nodes', node);
  const cond = (type, status, reason) => ({
    type,
    status,
    reason,
    lastHeartbeatTime: now(),
    lastTransitionTime: now(),
  });
  const room = { cpu: '64', memory: '256Gi', pods: '1000', 'ephemeral-storage': '100Gi' };
  const r = await call(
    'PATCH',
    `/api/v1/nodes/${o.node}/status`,
    {
      status: {
        conditions: [
          cond('Ready', 'True', 'KubeletReady'),
          cond('MemoryPressure', 'False', 'Ok'),
          cond('DiskPressure', 'False', 'Ok'),
          cond('PIDPressure', 'False', 'Ok'),
        ],
        addresses: [
          { type: 'InternalIP', address: '127.0.0.1' },
          { type: 'Hostname', address: o.node },
        ],
        daemonEndpoints: { kubeletEndpoint: { Port: Number(o.port) } },
        capacity: room,
        allocatable: room,
        nodeInfo: {
          kubeletVersion: 'v1.37.2-process',
          operatingSystem: 'linux',
          architecture: 'amd64',
          kernelVersion: '',
          osImage: '',
          containerRuntimeVersion: 'process://1',
          kubeProxyVersion: '',
          machineID: '',
          systemUUID: '',
          bootID: '',
        },
      },
    },
    'application/merge-patch+json',
  );
  if (r.code >= 400) throw new Error(`node: ${r.code} ${r.body.message}`);
  await lease();
}
async function lease() {
  const url = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const spec = { holderIdentity: o.node, leaseDurationSeconds: 40, renewTime: micro() };
  const r = await call('PATCH', `${url}/${o.node}`, { spec }, 'application/merge-patch+json');
  if (r.code === 404)
    await call('POST', url, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: o.node },
      spec,
    });
}

const pods = new Map(); // uid -> {pod, containers: Map(name -> {child, log, state, restarts, done}), killed}
let started = 0; // also makes pod addresses
const podDir = (p) => path.join(o.dir, 'pods', p.metadata.uid);
const expand = (s, env) => s.replace(/\$\((\w+)\)/g, (m, k) => env[k] ?? m);

async function environment(t, c) {
  const { pod } = t;
  const links = await serviceLinks(call, pod, localOf, o.api);
  const env = { PATH: process.env.PATH, HOSTNAME: pod.metadata.name, HOME: '/', ...links };
  const status = { ...pod.status, podIP: localOf(t.ip), hostIP: '127.0.0.1' };
  const ref = async (kind, name) =>
    (await call('GET', `/api/v1/namespaces/${pod.metadata.namespace}/${kind}/${name}`)).body;
  const plain = (obj, secret) =>
    Object.fromEntries(
      Object.entries(obj.data ?? {}).map(([k, v]) => [k, secret ? Buffer.from(v, 'base64').toString() : v]),
    );
  for (const e of c.envFrom ?? []) {
    if (e.configMapRef) Object.assign(env, plain(await ref('configmaps', e.configMapRef.name)));
    if (e.secretRef) Object.assign(env, plain(await ref('secrets', e.secretRef.name), true));
  }
  for (const e of c.env ?? []) {
    const f = e.valueFrom;
    if (!f) env[e.name] = expand(e.value ?? '', env);
    else if (f.configMapKeyRef)
      env[e.name] = plain(await ref('configmaps', f.configMapKeyRef.name))[f.configMapKeyRef.key] ?? '';
    else if (f.secretKeyRef)
      env[e.name] = plain(await ref('secrets', f.secretKeyRef.name), true)[f.secretKeyRef.key] ?? '';
    else if (f.fieldRef) {
      const m = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(f.fieldRef.fieldPath);
      env[e.name] = String(
        (m
          ? pod.metadata[m[1]]?.[m[2]]
          : f.fieldRef.fieldPath.split('.').reduce((x, k) => x?.[k], { ...pod, status })) ?? '',
      );
    }
  }
  return env;
}

/** Once a pod, before its first container. */
async function volumesOf(t) {
  const { namespace, name, uid } = t.pod.metadata;
  const read = (kind, object) => call('GET', `/api/v1/namespaces/${namespace}/${kind}/${object}`);
  const token = async (expirationSeconds) => {
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid };
    const url = `/api/v1/namespaces/${namespace}/serviceaccounts/${t.pod.spec.serviceAccountName}/token`;
    const { code, body } = await call('POST', url, { spec: { expirationSeconds, boundObjectRef } });
    if (code >= 400) throw new Error(`token: ${body.message}`);
    return body.status.token;
  };
  return canMount ? makeVolumes(t.pod, podDir(t.pod), { read, token }) : {};
}

/** A pod waits for a ConfigMap or Secret that is not there yet. */
async function untilVolumes(t) {
  for (; !t.killed; await sleep(500)) {
    try {
      t.volumes = await volumesOf(t);
      return;
    } catch (e) {
      note('volumes', t.pod.metadata.name, e.message);
    }
  }
}

/** A command of a probe or hook, where the container's process is: its exit code. */
function runBeside(t, c, env, command) {
  const within = entered(command, c, t.volumes, repository, o.dir);
  return new Promise((resolve) => {
    const child = spawn(within.argv[0], within.argv.slice(1), {
      env: { ...env, ...within.env },
      cwd: within.cwd,
      stdio: 'ignore',
    });
    child.on('error', () => resolve(128));
    child.on('close', (code) => resolve(code ?? 128));
  });
}

const signal = (s, name) => {
  if (!s.child?.pid) return;
  try {
    process.kill(-s.child.pid, name);
  } catch {
    /* gone */
  }
};

/** Startup first, then the other two, as long as this very process runs. */
function startProbes(t, c, s, env) {
  const child = s.child;
  const goesOn = () => s.child === child && child.exitCode === null;
  const run = (command) => runBeside(t, c, env, command);
  const ask = (probe) =>
    passes(probe, c, { host: localOf(t.ip), run, timeoutMs: (probe.timeoutSeconds ?? 1) * 1000 });
  const kill = async () => {
    note('probe', t.pod.metadata.name, c.name, 'failed: restarted');
    signal(s, 'SIGTERM');
    await sleep((t.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
    if (goesOn()) signal(s, 'SIGKILL');
  };
  const whenStarted = () => {
    s.started = true;
    if (c.readinessProbe)
      void watch(c.readinessProbe, {
        goesOn,
        passes: ask,
        onVerdict: (isGood) => {
          if (s.ready === isGood) return;
          s.ready = isGood;
          void report(t);
        },
      });
    else s.ready = true;
    if (c.livenessProbe)
      void watch(c.livenessProbe, {
        goesOn: () => goesOn() && !t.killed,
        passes: ask,
        onVerdict: (isGood) => (isGood ? undefined : (void kill(), 'enough')),
      });
    void report(t);
  };
  if (!c.startupProbe) return whenStarted();
  void watch(c.startupProbe, {
    goesOn,
    passes: ask,
    onVerdict: (isGood) => (isGood ? whenStarted() : void kill(), 'enough'),
  });
}

async function runOnce(t, c, s) {
  const env = await environment(t, c);
  const table = path.join(o.dir, 'images.json');
  const entry =
    c.command ??
    (fs.existsSync(table)
      ? JSON.parse(fs.readFileSync(table, 'utf8'))[c.image.replace(/@.*$/, '').replace(/:[^:/]*$/, '')]
      : undefined);
  const argv = entry ? [...entry, ...(c.args ?? [])].map((a) => expand(a, env)) : [];
  const isProbed = argv.length > 0 && (c.startupProbe || c.readinessProbe || c.livenessProbe);
  s.env = env;
  s.started = s.ready = !isProbed;
  const startedAt = now();
  const log = fs.createWriteStream(s.log, { flags: s.restarts ? 'w' : 'a' });
  const line = (stream, l) => log.write(`${micro()} ${stream} ${l}\n`);
  s.state = { running: { startedAt } };
  let end;
  if (argv.length === 0) {
    line('stdout', `(no command given: the entry point of image ${c.image} is not run)`);
    if (t.pod.spec.restartPolicy === 'Always') {
      await report(t);
      while (!t.killed) await sleep(100);
    }
    end = { exitCode: 0, reason: 'Completed' };
  } else {
    await report(t);
    end = await new Promise((resolve) => {
      const within = entered(argv, c, t.volumes, repository, o.dir);
      const child = spawn(within.argv[0], within.argv.slice(1), {
        env: { ...env, ...within.env },
        cwd: within.cwd,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      s.child = child;
      if (isProbed) startProbes(t, c, s, env);
      createInterface({ input: child.stdout }).on('line', (l) => line('stdout', l));
      createInterface({ input: child.stderr }).on('line', (l) => line('stderr', l));
      child.on('error', (e) => resolve({ exitCode: 128, reason: 'StartError', message: e.message }));
      child.on('close', (code, sig) => {
        const n = sig ? 128 + ({ SIGKILL: 9, SIGTERM: 15, SIGINT: 2 }[sig] ?? 1) : code;
        resolve({ exitCode: n, reason: n === 0 ? 'Completed' : 'Error' });
      });
    });
  }
  s.child = undefined;
  await new Promise((r) => log.end(r));
  return {
    ...end,
    startedAt,
    finishedAt: now(),
    containerID: `process://${t.pod.metadata.uid}-${c.name}-${s.restarts}`,
  };
}

async function runContainer(t, c) {
  const s = t.containers.get(c.name);
  if (/:never$/.test(c.image)) {
    s.state = { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${c.image}"` } };
    await report(t);
    while (!t.killed) await sleep(100);
    s.state = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', finishedAt: now() } };
    return;
  }
  for (;;) {
    const end = await runOnce(t, c, s);
    s.state = { terminated: end };
    const policy = t.pod.spec.restartPolicy;
    if (t.killed || policy === 'Never' || (policy === 'OnFailure' && end.exitCode === 0)) return;
    s.last = s.state;
    s.state = { waiting: { reason: 'CrashLoopBackOff' } };
    await report(t);
    await sleep(Math.min(300_000, 1000 * 2 ** s.restarts)); // a real kubelet begins at 10 s
    if (t.killed) {
      s.state = s.last;
      return;
    }
    s.restarts++;
  }
}

/** One after the other: a later state must not be overwritten by an earlier one. */
function report(t, over = false) {
  t.reported = (t.reported ?? Promise.resolve())
    .then(() => tell(t, over))
    .catch((e) => note('report', e.message));
  return t.reported;
}

function changedAt(t, type, ok) {
  t.changes ??= {};
  if (t.changes[type]?.ok !== ok) t.changes[type] = { ok, at: now() };
  return t.changes[type].at;
}

async function tell(t, over) {
  const state = (c) => {
    const s = t.containers.get(c.name);
    return {
      name: c.name,
      image: c.image,
      imageID: '',
      ready: !!s.state.running && s.ready,
      started: !!s.state.running && s.started,
      restartCount: s.restarts,
      state: { running: null, waiting: null, terminated: null, ...s.state },
      lastState: s.last ?? {},
    };
  };
  const states = t.pod.spec.containers.map(state);
  const failed = t.failed || states.some((x) => x.state.terminated && x.state.terminated.exitCode !== 0);
  const up = states.every((x) => x.ready);
  const phase = over
    ? failed
      ? 'Failed'
      : 'Succeeded'
    : states.some((x) => x.state.running || x.lastState.terminated)
      ? 'Running'
      : 'Pending';
  const cond = (type, ok) => ({
    type,
    status: ok ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: changedAt(t, type, ok),
    ...(ok || !over ? {} : { reason: failed ? 'PodFailed' : 'PodCompleted' }),
  });
  await setStatus(t.pod, {
    phase,
    startTime: t.startTime,
    hostIP: '127.0.0.1',
    hostIPs: [{ ip: '127.0.0.1' }],
    podIP: t.ip,
    podIPs: [{ ip: t.ip }],
    conditions: [
      { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: t.startTime },
      cond('Initialized', true),
      cond('Ready', up && !over),
      cond('ContainersReady', up && !over),
    ],
    containerStatuses: states,
    ...(t.pod.spec.initContainers ? { initContainerStatuses: t.pod.spec.initContainers.map(state) } : {}),
  });
}

async function run(pod) {
  const n = ++started;
  const t = {
    pod,
    ip: `10.${range}.${(n >> 8) & 255}.${n & 255}`,
    startTime: now(),
    containers: new Map(),
    killed: false,
  };
  pods.set(pod.metadata.uid, t);
  fs.mkdirSync(podDir(pod), { recursive: true });
  for (const c of [...(pod.spec.initContainers ?? []), ...pod.spec.containers])
    t.containers.set(c.name, {
      log: path.join(podDir(pod), `${c.name}.log`),
      restarts: 0,
      state: { waiting: { reason: 'ContainerCreating' } },
    });
  t.finished = (async () => {
    await untilVolumes(t);
    if (t.killed) return report(t, true);
    for (const c of pod.spec.initContainers ?? []) {
      await runContainer(t, c);
      if (t.containers.get(c.name).state.terminated?.exitCode) t.failed = true;
      if (t.failed) break;
    }
    if (!t.failed) await Promise.all(pod.spec.containers.map((c) => runContainer(t, c)));
    await report(t, true);
  })().catch((e) => note('pod', pod.metadata.name, e));
}
/** What a container does before it is told to end, within its grace. */
async function stopHook(t, c, timeoutMs) {
  const s = t.containers.get(c.name);
  if (!c.lifecycle?.preStop || !s.child) return;
  const run = (command) => runBeside(t, c, s.env, command);
  const isDone = await passes(c.lifecycle.preStop, c, { host: localOf(t.ip), run, timeoutMs });
  if (!isDone) note('preStop', t.pod.metadata.name, c.name, 'failed');
}
async function stop(pod) {
  const t = pods.get(pod.metadata.uid);
  if (t?.killed) return;
  if (t) {
    t.killed = true;
    const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000;
    const end = (name) => [...t.containers.values()].forEach((s) => signal(s, name));
    const hard = setTimeout(() => end('SIGKILL'), graceMs);
    await Promise.all(pod.spec.containers.map((c) => stopHook(t, c, graceMs)));
    end('SIGTERM');
    await Promise.race([t.finished, sleep(600_000)]);
    clearTimeout(hard);
  }
  await call('DELETE', podUrl(pod), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } });
}
function gone(pod) {
  const t = pods.get(pod.metadata.uid);
  if (t && !t.killed) {
    t.killed = true;
    for (const s of t.containers.values()) signal(s, 'SIGKILL');
  }
  pods.delete(pod.metadata.uid);
  fs.rmSync(podDir(pod), { recursive: true, force: true });
}
function seen(pod) {
  if (pod.metadata.deletionTimestamp) void stop(pod).catch((e) => note('stop', e));
  else if (!pods.has(pod.metadata.uid) && pod.status.phase === 'Pending') void run(pod);
  else if (!pods.has(pod.metadata.uid) && pod.status.phase === 'Running')
    void setStatus(pod, { phase: 'Failed', reason: 'NodeLost', message: 'the test node was restarted' });
}

async function follow() {
  const sel = `fieldSelector=spec.nodeName%3D${o.node}`;
  for (;;) {
    try {
      const list = await call('GET', `/api/v1/pods?${sel}`);
      if (list.code !== 200) throw new Error(`list: ${list.code} ${list.body.message}`);
      for (const p of list.body.items) seen(p);
      await new Promise((resolve, reject) => {
        call(
          'GET',
          `/api/v1/pods?${sel}&watch=1&resourceVersion=${list.body.metadata.resourceVersion}`,
          undefined,
          undefined,
          (res) => {
            const lines = createInterface({ input: res });
            lines.on('error', () => {}); // readline passes on the stream's error; `close` of the stream ends the watch
            lines.on('line', (l) => {
              const e = JSON.parse(l);
              if (e.type === 'DELETED') gone(e.object);
              else if (e.type === 'ERROR') res.destroy();
              else seen(e.object);
            });
            res.on('error', reject);
            res.on('close', resolve);
          },
        ).then((r) => {
          if (r.code !== 200) reject(new Error(`watch: ${r.code}`));
        }, reject);
      });
    } catch (e) {
      note('watch', e.message);
      await sleep(1000);
    }
  }
}

// GET /containerLogs/{namespace}/{pod}/{container}?follow&tailLines&limitBytes&timestamps&sinceSeconds&sinceTime&previous
async function logs(req, res) {
  const u = new URL(req.url, 'https://x');
  const [, kind, ns, name, container] = u.pathname.split('/');
  if (kind !== 'containerLogs') {
    res.writeHead(404).end('only logs here\n');
    return;
  }
  const q = u.searchParams;
  const t = [...pods.values()].find((x) => x.pod.metadata.namespace === ns && x.pod.metadata.name === name);
  const s = t?.containers.get(container);
  if (!s || (s.state.waiting && !s.restarts)) {
    res
      .writeHead(s ? 400 : 404)
      .end(
        s
          ? `container "${container}" in pod "${name}" is waiting to start: ${s.state.waiting.reason}\n`
          : `pod "${name}" not found\n`,
      );
    return;
  }
  const since = q.get('sinceSeconds')
    ? new Date(Date.now() - 1000 * q.get('sinceSeconds'))
    : q.get('sinceTime')
      ? new Date(q.get('sinceTime'))
      : undefined;
  const shape = (l) => {
    const [, at, text] = /^(\S+) \S+ (.*)$/s.exec(l) ?? [, '', l];
    return since && new Date(at) < since
      ? undefined
      : (q.get('timestamps') === 'true' ? `${at} ` : '') + text;
  };
  let left = Number(q.get('limitBytes') ?? Infinity),
    pos = 0,
    rest = '',
    first = true;
  res.writeHead(200, { 'content-type': 'text/plain' });
  res.flushHeaders();
  for (;;) {
    const live = !!s.state.running;
    const size = fs.existsSync(s.log) ? fs.statSync(s.log).size : 0;
    if (size > pos) {
      const buf = Buffer.alloc(size - pos);
      const fd = fs.openSync(s.log, 'r');
      fs.readSync(fd, buf, 0, buf.length, pos);
      fs.closeSync(fd);
      pos = size;
      const lines = (rest + buf.toString()).split('\n');
      rest = lines.pop();
      let outLines = lines.map(shape).filter((l) => l !== undefined);
      if (first && q.has('tailLines')) {
        const n = Number(q.get('tailLines'));
        outLines = n ? outLines.slice(-n) : [];
      }
      for (const l of outLines) {
        const b = Buffer.from(l + '\n').subarray(0, left);
        left -= b.length;
        res.write(b);
        if (left <= 0) {
          res.end();
          return;
        }
      }
    }
    first = false;
    if (q.get('follow') !== 'true' || !live || res.destroyed) break;
    await sleep(100);
  }
  res.end();
}

https
  .createServer(
    { ...tls, requestCert: true, rejectUnauthorized: true },
    (req, res) =>
      void logs(req, res).catch((e) => {
        note('logs', e);
        res.destroy();
      }),
  )
  .listen(Number(o.port), '127.0.0.1');
for (const sig of ['SIGTERM', 'SIGINT'])
  process.on(sig, () => {
    for (const t of pods.values()) for (const s of t.containers.values()) signal(s, 'SIGKILL');
    process.exit(0);
  });
for (;;) {
  try {
    await register();
    break;
  } catch (e) {
    note('register', e.message);
    await sleep(500);
  }
}
setInterval(() => void lease().catch((e) => note('lease', e.message)), 10_000);
note(
  'node',
  o.node,
  `ready; pods at 127.${range}.0.0/16, volumes ${canMount ? 'mounted' : 'LEFT OUT: unshare is refused'}`,
);
void forwardServices(adminCall, localOf, note);
await follow();
