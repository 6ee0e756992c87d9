import type { Change, Condition } from '../engine/change';
import { Failure } from '../engine/failure';
import type { Command, HostReader } from '../engine/host';
import { step, type Step } from '../engine/step';
import { askApi } from '../kubernetes/api';
import { TILLER_PORT } from '../kubernetes/tiller';
import { apiAccess } from './access';
import { withEvidence } from './diagnosis';
import { isMet } from './manifest';
import type { Master } from '../variables/master';
import { HELM_CLIENT, TILLER_CA } from './paths';

interface Observed {
  /** tiller's Service, undefined where it cannot be found out. */
  readonly address: string | undefined;
  readonly answers: boolean;
  /** It let in a client that showed no certificate. */
  readonly open: boolean;
}

/** tiller answers over TLS through its Service to the helm home's certificate, and to nobody else. */
export function verifyTiller(master: Master, after: readonly string[]): Step {
  return step<Observed>({
    id: 'verify-tiller',
    title: 'Verify tiller',
    after,
    probe: async host => {
      const address = await serviceAddress(host, master);
      if (address === undefined) return { address, answers: false, open: false };
      const [answers, bare] = await Promise.all([
        isMet(host, handshake(address)),
        host.query(client(address, []), { timeoutMs: 15_000 }),
      ]);
      return { address, answers, open: bare.code === 0 };
    },
    plan: ({ address, answers, open }): readonly Change[] => {
      if (open) throw new Failure(answersAnybody(address ?? ''));
      // The address is known only once the Service is there.
      return answers
        ? []
        : [{ kind: 'await', condition: handshake(address ?? 'CLUSTER-IP'), timeoutMs: 5 * 60_000 }];
    },
    diagnose: (host, failure) => withEvidence(host, failure, ['tiller-deploy']),
  });
}

/** gRPC cannot be asked by curl, a handshake can. */
function handshake(address: string): Condition {
  return {
    kind: 'command',
    title: 'tiller answers over TLS with the certificate of the helm home',
    command: client(address, ['-cert', HELM_CLIENT.certPath, '-key', HELM_CLIENT.keyPath]),
    matches: 'Verify return code: 0 \\(ok\\)',
  };
}

/** TLS 1.2, in which the client's certificate is part of the handshake: under 1.3 a refusal would come after openssl had ended well. */
function client(address: string, certificate: readonly string[]): Command {
  return {
    file: 'openssl',
    args: [
      ...['s_client', '-connect', `${address}:${TILLER_PORT}`, '-tls1_2'],
      ...['-CAfile', TILLER_CA.certPath, '-verify_return_error', ...certificate],
    ],
    input: 'Q\n',
  };
}

async function serviceAddress(host: HostReader, master: Master): Promise<string | undefined> {
  const answer = await askApi(
    host,
    apiAccess(master),
    '/api/v1/namespaces/kube-system/services/tiller-deploy',
  );
  if (answer.kind !== 'found') return undefined;
  return (answer.body as { readonly spec?: { readonly clusterIP?: string } }).spec?.clusterIP;
}

function answersAnybody(address: string): ConstructorParameters<typeof Failure>[0] {
  return {
    code: 'tiller-open',
    message: `tiller at ${address}:${TILLER_PORT} lets in clients without a certificate: any pod can administer the cluster through it.`,
    hint: 'See `kubectl -n kube-system describe deployment tiller-deploy`: TILLER_TLS_VERIFY must be set. Run again after mending it.',
  };
}
