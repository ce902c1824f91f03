// What kube-proxy is for a cluster: connections to the address of a Service reach one of its ready pods, in turn. Addresses
// of the cluster are not those of this machine: 10.96.x.y is listened at as 127.N.x.y.
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 300;

/** `localOf` gives the address on this machine of one of the cluster. Goes on until the process ends. */
export async function forwardServices(call, localOf, note) {
  const open = new Map(); // host:port -> server
  for (; ; await pause(LOOK_MS)) {
    const list = await call('GET', '/api/v1/services').catch(() => ({ code: 0 }));
    if (list.code !== 200) continue;
    const wanted = new Map(list.body.items.flatMap((service) => portsOf(service, localOf)));
    for (const [at, server] of open)
      if (!wanted.has(at)) {
        server.close();
        open.delete(at);
      }
    for (const [at, { service, port }] of wanted)
      if (!open.has(at))
        open.set(
          at,
          listen(at, (socket) => void join(socket, service, port)),
        );
  }

  function listen(at, onSocket) {
    const [host, port] = at.split(':');
    const server = net.createServer({ allowHalfOpen: true }, onSocket);
    server.on('error', (error) => note('service', at, error.message));
    return server.listen(Number(port), host);
  }

  async function join(socket, service, port) {
    socket.on('error', () => socket.destroy());
    const endpoints = await readyOf(service, port).catch(() => []);
    const to = endpoints[Math.floor(Math.random() * endpoints.length)];
    if (to === undefined) return socket.destroy();
    const pod = net.connect({ ...to, allowHalfOpen: true });
    pod.on('error', () => socket.destroy());
    socket.on('close', () => pod.destroy());
    pod.on('close', () => socket.destroy());
    socket.pipe(pod).pipe(socket);
  }

  async function readyOf({ metadata: { namespace, name } }, { name: portName }) {
    const query = `labelSelector=kubernetes.io%2Fservice-name%3D${name}`;
    const url = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?${query}`;
    const { body } = await call('GET', url);
    return body.items.flatMap(({ endpoints, ports }) => {
      const port = ports?.find((one) => (one.name ?? '') === (portName ?? ''))?.port;
      const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready);
      return port === undefined ? [] : ready.map(({ addresses }) => ({ host: localOf(addresses[0]), port }));
    });
  }
}

function portsOf(service, localOf) {
  const { clusterIP, ports = [], selector } = service.spec;
  if (!/^\d/.test(clusterIP ?? '') || !selector) return [];
  return ports.map((port) => [`${localOf(clusterIP)}:${port.port}`, { service, port }]);
}

/** The variables by which a container finds the Services of its namespace, and the API server. */
export async function serviceLinks(call, pod, localOf, api) {
  const { hostname, port } = new URL(api);
  const own = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  if (pod.spec.enableServiceLinks === false) return own;
  const { body } = await call('GET', `/api/v1/namespaces/${pod.metadata.namespace}/services`);
  const links = body.items.flatMap(({ metadata, spec }) => {
    const name = metadata.name.toUpperCase().replaceAll('-', '_');
    if (!/^\d/.test(spec.clusterIP ?? '') || spec.ports === undefined) return [];
    return [
      [`${name}_SERVICE_HOST`, localOf(spec.clusterIP)],
      [`${name}_SERVICE_PORT`, String(spec.ports[0].port)],
    ];
  });
  return { ...Object.fromEntries(links), ...own };
}
