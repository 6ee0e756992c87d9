import { Agent, request } from 'node:https';
import type { LabHost } from '../hosts/host';

/** Who asks a cluster's API from outside its hosts, and where; TLS is verified against the cluster's CA. */
export interface ApiAccess {
  readonly address: string;
  readonly port: number;
  /** The name that the certificate must hold, where it is not the address. */
  readonly name?: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What became of a request: an answer, or why there was none and whether the request may have been carried out. */
export type Answer =
  { readonly status: number; readonly body: string } | { readonly error: string; readonly sent: boolean };

function embedded(kubeconfig: string, field: string): string {
  const found = new RegExp(`${field}: (\\S+)`).exec(kubeconfig)?.[1];
  if (found === undefined) throw new Error(`the kubeconfig has no ${field}`);
  return Buffer.from(found, 'base64').toString('utf8');
}

/** The administrator's access, by a master's admin.conf, to the API at an address of one's choice. */
export async function administratorAccess(
  master: LabHost,
  at: { readonly address: string; readonly name?: string },
): Promise<ApiAccess> {
  const kubeconfig = await master.read('/etc/kubernetes/admin.conf');
  return {
    ...at,
    port: 6443,
    ca: embedded(kubeconfig, 'certificate-authority-data'),
    cert: embedded(kubeconfig, 'client-certificate-data'),
    key: embedded(kubeconfig, 'client-key-data'),
  };
}

/** One client of an API: one connection, kept as long as it answers in time. */
export class ApiClient {
  private readonly agent: Agent;

  constructor(
    private readonly access: ApiAccess,
    private readonly timeoutMs: number,
  ) {
    const { ca, cert, key } = access;
    this.agent = new Agent({ keepAlive: true, maxSockets: 1, ca, cert, key });
  }

  /** Asks once; never throws for what the other side does. */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const { address, port, name } = this.access;
    return new Promise(resolve => {
      const content = body === undefined ? undefined : JSON.stringify(body);
      let sent = false;
      const asking = request(
        {
          agent: this.agent,
          host: address,
          port,
          method,
          path,
          ...(name === undefined ? {} : { servername: name }),
          headers:
            content === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) },
        },
        response => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            clearTimeout(limit);
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
          });
          response.on('error', refuse);
        },
      );
      const refuse = (problem: Error): void => {
        clearTimeout(limit);
        resolve({ error: problem.message, sent });
      };
      const limit = setTimeout(() => {
        asking.destroy(new Error(`no answer in ${this.timeoutMs} ms`));
      }, this.timeoutMs);
      asking.on('socket', socket => {
        // Before the handshake is done nothing of the request has left.
        if (asking.reusedSocket) sent = true;
        else socket.once('secureConnect', () => (sent = true));
      });
      asking.on('error', refuse);
      asking.end(content);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
