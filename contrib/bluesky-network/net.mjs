// A complete Bluesky network on loopback: PLC, PDS and AppView (with the bsync and ozone
// services they need), all in this process. Started by network.sh.
import http from 'node:http';
import net from 'node:net';

// The services listen on all interfaces and have well-known admin passwords:
// bind every TCP listener to 127.0.0.1 instead.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  const [first] = args;
  if (first && typeof first === 'object' && 'port' in first && !first.path) {
    args[0] = { ...first, host: '127.0.0.1' };
  } else if (/^\d+$/.test(String(first))) {
    const callback = args.find((arg) => typeof arg === 'function');
    args = [{ port: Number(first), host: '127.0.0.1' }, callback];
  }
  return listen.apply(this, args);
};

// Imported late, so that no listener is opened before the change above.
const { TestNetwork } = await import('@atproto/dev-env');

const base = Number(process.env.BASE_PORT);
const started = Date.now();
const network = await TestNetwork.create({
  dbPostgresUrl: process.env.DB_POSTGRES_URL,
  dbPostgresSchema: 'dev',
  plc: { port: base + 2 },
  pds: {
    port: base + 3,
    hostname: 'localhost',
    enableDidDocWithSession: true,
    rateLimitsEnabled: process.env.RATE_LIMITS === '1',
  },
  bsky: { port: base + 4, publicUrl: `http://localhost:${base + 4}` },
  ozone: { port: base + 7, chatUrl: `http://localhost:${base + 10}`, chatDid: 'did:example:chat' },
});

// The control port. POST /process waits until the AppView has indexed all that the PDS has
// sent, so that a test may write, process and read without sleeping.
const control = http.createServer(async (request, response) => {
  const route = `${request.method} ${request.url}`;
  try {
    if (route === 'POST /process') await network.processAll(15000);
    else if (route !== 'GET /health') response.statusCode = 404;
    response.end(response.statusCode === 200 ? 'ok\n' : 'not found\n');
  } catch (error) {
    response.statusCode = 500;
    response.end(`${error}\n`);
  }
});
control.listen(base, () => {
  console.log(JSON.stringify({
    ready_ms: Date.now() - started,
    rss_mb: Math.round(process.memoryUsage().rss / 2 ** 20),
    pds: network.pds.url,
    appview: network.bsky.url,
    appview_did: network.bsky.ctx.cfg.serverDid,
    plc: network.plc.url,
    control: `http://localhost:${base}`,
  }));
});

const stop = async () => {
  try {
    await network.close();
  } finally {
    process.exit(0);
  }
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
