import { describe, expect, it } from 'vitest';
import { changesOn } from '../../source/changes';
import { plan } from '../../source/engine/engine';
import { Secret } from '../../source/engine/secret';
import { command, fileStep, markedStep, RunFixture, stage } from './run-fixture';

describe('observers', () => {
  it('tell what is new while the run goes on, and cannot fail it', async () => {
    const fixture = new RunFixture();
    let up = 0;
    fixture.host.answer('up', (_, host) => {
      up += 1;
      if (up > 5) host.put('/done/wait', '');
      return { code: up > 5 ? 0 : 1 };
    });
    const wait = {
      kind: 'await',
      condition: { kind: 'command', title: 'it is up', command: { file: 'up', args: [] } },
      timeoutMs: 60_000,
    } as const;
    let observed = 0;
    const member = (healthy: boolean) =>
      ({ name: 'master1', address: '10.0.0.1', role: 'voter', healthy }) as const;
    const outcome = await fixture.run([stage(markedStep('wait', [wait]))], {
      observers: [
        { id: 'bad', intervalMs: 1000, observe: () => Promise.reject(new Error('no')) },
        {
          id: 'members',
          intervalMs: 500,
          observe: () => {
            observed += 1;
            return Promise.resolve([{ type: 'member', member: member(observed > 3) }]);
          },
        },
      ],
    });
    expect(outcome).toBe('succeeded');
    expect(observed).toBeGreaterThan(5);
    expect(fixture.of('member').map(event => event.member.healthy)).toEqual([false, true]);
    expect(fixture.events.at(-1)?.type).toBe('run-finished');
  });
});

describe('secrets', () => {
  it('of changes, outputs and made keys appear in no event, note or plan', async () => {
    const fixture = new RunFixture();
    const canary = 'canary-5f2b7d1e';
    fixture.host.answer('echo', (_, host) => {
      host.put('/done/echo', '');
      return {
        stdout: `password is ${canary}\n`,
        stderr: `base64 ${Buffer.from(canary).toString('base64')}\n`,
      };
    });
    const secretFile = { kind: 'file', path: '/s', content: new Secret(canary), mode: 0o600 } as const;
    const certificate = {
      kind: 'certificate',
      certificate: {
        certPath: '/ca.crt',
        keyPath: '/ca.key',
        commonName: 'ca',
        dnsNames: [],
        addresses: [],
        usage: 'ca',
        days: 10,
      },
    } as const;
    const kubeconfig = {
      kind: 'file',
      path: '/kubeconfig',
      mode: 0o600,
      content: {
        template: 'key: {{key}}',
        files: { key: { path: '/ca.key', encoding: 'base64', secret: true } },
      },
    } as const;
    const stages = [
      stage(
        fileStep('files', [certificate, kubeconfig, secretFile]),
        markedStep(
          'echo',
          [{ ...command('echo'), command: { file: 'echo', args: [], input: new Secret(canary) } } as never],
          {
            after: ['files'],
          },
        ),
      ),
    ];
    const planned = await plan(stages, {
      host: fixture.host,
      changes: changesOn(fixture.host),
      redactor: fixture.redactor,
    });
    expect(await fixture.run(stages)).toBe('succeeded');
    const key = fixture.host.text('/ca.key') ?? '';
    const everything = JSON.stringify([planned, fixture.events, fixture.notes]);
    expect(fixture.host.text('/s')).toBe(canary);
    expect(everything).toContain('[secret]');
    for (const secret of [
      canary,
      Buffer.from(canary).toString('base64'),
      key.split('\n')[3],
      fixture.host.text('/kubeconfig')?.slice(5, 90),
    ]) {
      expect(secret).toBeTruthy();
      expect(everything).not.toContain(secret);
    }
  });
});
