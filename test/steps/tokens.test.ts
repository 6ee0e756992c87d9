import { describe, expect, it } from 'vitest';
import { Secret } from '../../source/engine/secret';
import { bootstrapToken, newToken } from '../../source/steps/bootstrap-token';
import { joinToken } from '../../source/steps/join-token';
import { BOOTSTRAP_TOKEN, JOIN_TOKEN, KUBELET_CONFIG } from '../../source/steps/paths';
import { FakeHost } from '../support/fake-host';
import { settings as settingsOf } from '../variables/told';
import { MASTER } from './cluster-host';

const settings = await settingsOf({});
const GIVEN = 'given0.0123456789abcdef';
const KEPT = 'kept00.0123456789abcdef';

describe('the bootstrap token', () => {
  const kinds = async (host: FakeHost, token?: string): Promise<readonly string[]> => {
    const with_ = token === undefined ? settings : { ...settings, token: new Secret(token) };
    const step = bootstrapToken(with_, []);
    return step.plan(await step.probe(host)).map(change => change.kind);
  };
  const keeping = (text: string, mode = 0o600): FakeHost =>
    new FakeHost({ [BOOTSTRAP_TOKEN]: { content: text, mode } });

  it('is made in the form that kubeadm takes, and never twice the same', () => {
    const made = [newToken(), newToken()].map(token => token.reveal());
    for (const token of made) expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    expect(made[0]).not.toBe(made[1]);
  });

  it('is written where there is none or none that can be used', async () => {
    expect(await kinds(new FakeHost())).toEqual(['write']);
    expect(await kinds(keeping(''))).toEqual(['write']);
    expect(await kinds(keeping(KEPT.slice(0, 9)))).toEqual(['write']);
  });

  it('stays once it is there, with its mode mended', async () => {
    expect(await kinds(keeping(KEPT))).toEqual([]);
    expect(await kinds(keeping(KEPT, 0o644))).toEqual(['run']);
  });

  it('gives way to one that is given, until a cluster was begun with it', async () => {
    expect(await kinds(keeping(KEPT), GIVEN)).toEqual(['write']);
    expect(await kinds(keeping(GIVEN), GIVEN)).toEqual([]);
    expect(await kinds(keeping(KEPT).put(KUBELET_CONFIG, 'kind: KubeletConfiguration'), GIVEN)).toEqual([]);
  });
});

describe('the token of the join command', () => {
  const secret = (id: string, expiresInMs?: number): object => ({
    metadata: { name: `bootstrap-token-${id}` },
    data:
      expiresInMs === undefined
        ? {}
        : { expiration: Buffer.from(new Date(Date.now() + expiresInMs).toISOString()).toString('base64') },
  });
  const HOUR = 60 * 60_000;
  const planned = async (
    files: Record<string, string>,
    items: readonly object[],
  ): Promise<readonly string[]> => {
    const host = new FakeHost(files)
      .answer(/^docker info/, { code: 1 })
      .respond(/\/secrets\?fieldSelector=/, {
        status: 200,
        headers: {},
        body: JSON.stringify({ items }),
        roundTripMs: 1,
      });
    const step = joinToken(settings, MASTER);
    return step
      .plan(await step.probe(host))
      .map(change => ('path' in change ? `${change.kind} ${change.path}` : change.kind));
  };
  const renewal = [`write ${JOIN_TOKEN}`, expect.any(String), 'run', expect.stringMatching(/^remove /)];

  it('stays while the cluster takes it for an hour more', async () => {
    expect(await planned({ [BOOTSTRAP_TOKEN]: KEPT }, [secret('kept00', 2 * HOUR)])).toEqual([]);
    expect(await planned({ [BOOTSTRAP_TOKEN]: KEPT }, [secret('kept00')])).toEqual([]);
  });

  it('is made anew where it has expired, soon will, or is unknown to the cluster', async () => {
    expect(await planned({ [BOOTSTRAP_TOKEN]: KEPT }, [])).toEqual(renewal);
    expect(await planned({ [BOOTSTRAP_TOKEN]: KEPT }, [secret('kept00', HOUR / 2)])).toEqual(renewal);
    expect(await planned({ [BOOTSTRAP_TOKEN]: KEPT }, [secret('other0', 2 * HOUR)])).toEqual(renewal);
    expect(
      await planned({ [BOOTSTRAP_TOKEN]: KEPT, [JOIN_TOKEN]: GIVEN }, [secret('kept00', 2 * HOUR)]),
    ).toEqual(renewal);
  });
});
