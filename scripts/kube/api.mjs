// Calls to the API server, with one certificate.
import https from 'node:https';

/** What `call(method, path, body, type, onStream)` answers: `{code, body}`; with `onStream` a 200 goes to it as a stream. */
export function connect(origin, tls) {
  const agent = new https.Agent({ ...tls, keepAlive: true });
  return (method, url, body, type = 'application/json', onStream) => {
    const text = body && JSON.stringify(body);
    // content-length must be explicit: for DELETE, Node would send the body without one and spoil the next request of the socket
    const headers = text ? { 'content-type': type, 'content-length': Buffer.byteLength(text) } : {};
    return new Promise((resolve, reject) => {
      const req = https.request(origin + url, { method, agent, headers }, (res) => {
        if (onStream && res.statusCode === 200) return (onStream(res), resolve({ code: 200 }));
        let got = '';
        res
          .setEncoding('utf8')
          .on('data', (d) => (got += d))
          .on('error', reject);
        res.on('end', () => resolve({ code: res.statusCode, body: parsed(got) }));
      });
      req.on('error', reject);
      req.end(text);
    });
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}
