// Probes and hooks, asked of the address at which the pod's processes listen.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const portOf = (container, port) =>
  Number(container.ports?.find(({ name }) => name === port)?.containerPort ?? port);

/** Whether the handler of a probe or hook passes within `timeoutMs`. `run(command)` gives the exit code of a command. */
export async function passes(handler, container, { host, run, timeoutMs }) {
  const attempt = perform(handler, container, host, run).catch(() => false);
  return Promise.race([attempt, pause(timeoutMs, false)]);
}

function perform(handler, container, host, run) {
  if (handler.httpGet) return get(handler.httpGet, container, host);
  if (handler.tcpSocket) return opens(portOf(container, handler.tcpSocket.port), host);
  if (handler.exec) return run(handler.exec.command).then((code) => code === 0);
  if (handler.sleep) return pause(handler.sleep.seconds * 1000, true);
  return Promise.resolve(true);
}

function get({ path = '/', port, scheme = 'HTTP', httpHeaders = [] }, container, host) {
  const headers = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
  const options = {
    host,
    port: portOf(container, port),
    path,
    headers,
    agent: false,
    rejectUnauthorized: false,
  };
  return new Promise((resolve, reject) => {
    (scheme === 'HTTPS' ? https : http)
      .get(options, (res) => {
        res.resume();
        resolve(res.statusCode >= 200 && res.statusCode < 400);
      })
      .on('error', reject);
  });
}

function opens(port, host) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', reject);
  });
}

/** Probes again and again while `goesOn()`; tells of each verdict when its threshold is reached. */
export async function watch(probe, { goesOn, passes: ask, onVerdict }) {
  const { initialDelaySeconds = 0, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe;
  await pause(initialDelaySeconds * 1000);
  for (let row = 0, last = null; goesOn(); await pause(periodSeconds * 1000)) {
    const isGood = await ask(probe);
    row = isGood === last ? row + 1 : 1;
    last = isGood;
    if (goesOn() && row >= (isGood ? successThreshold : failureThreshold) && onVerdict(isGood) === 'enough')
      return;
  }
}
