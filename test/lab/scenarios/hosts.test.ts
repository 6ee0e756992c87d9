import { beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../../scripts/layout';
import { perform } from '../hosts/command';
import { dnsOnly } from '../hosts/dns';
import { Lab, until } from '../lab';
import type { LabHost } from '../lab';

/** What nobody else has: machine-id, UUID and ssh key. */
async function identityOf(host: LabHost): Promise<readonly string[]> {
  const files = ['/etc/machine-id', '/sys/class/dmi/id/product_uuid', '/etc/ssh/ssh_host_ed25519_key.pub'];
  return Promise.all(files.map(file => host.read(file)));
}

describe('a host of the lab', () => {
  let lab: Lab;
  let master: LabHost;

  beforeAll(async () => {
    lab = await Lab.open();
    master = lab.host('master1');
    await master.reset({ faces: ['vmware'] });
    await master.boot();
  });

  test('has the face of EL7', async () => {
    expect(await master.read('/etc/os-release')).toMatch(/^ID="centos"$[^]*^VERSION_ID="7"$/m);
    expect(await master.read('/sys/class/dmi/id/sys_vendor')).toBe('VMware, Inc.\n');
    expect(await master.succeed('getenforce; setenforce 0; getenforce')).toBe('Enforcing\nPermissive\n');
    expect((await master.run('modprobe br_netfilter')).code).toBe(0);
    expect((await master.run('modprobe no_such_module')).code).not.toBe(0);
  });

  test('has no docker service before its package is installed', async () => {
    expect((await master.run('systemctl cat docker')).code).not.toBe(0);
    expect((await master.run('rpm -q docker')).code).not.toBe(0);
  });

  test('cannot set the clock of the machine', async () => {
    expect((await master.run('date --set=2020-01-01')).code).not.toBe(0);
  });

  test('keeps what was written over a power cut and a clean reboot, and its runtime files over neither', async () => {
    await master.write('/root/kept', 'still here', 0o600);
    await master.write('/run/lost', 'gone', 0o600);
    await master.powerCut();
    expect(master.running).toBe(false);
    expect(master.processes()).toEqual([]);
    await master.boot();
    expect(await master.read('/root/kept')).toBe('still here');
    expect((await master.run('cat /run/lost')).code).not.toBe(0);
    const before = master.leader;
    await master.run('systemctl reboot').catch(() => undefined);
    await until('master1 to be another boot', 60_000, () => {
      if (master.leader === undefined || master.leader === before) throw new Error('it has not rebooted yet');
    });
    await master.boot();
    expect(await master.read('/root/kept')).toBe('still here');
  });

  test('is not heard while it is partitioned', async () => {
    const worker = lab.host('worker1');
    await worker.boot();
    const ping = 'ping -c 1 -W 1 worker1';
    expect((await master.run(ping)).code).toBe(0);
    await worker.partition();
    expect((await master.run(ping)).code).not.toBe(0);
    await worker.heal();
    await until('worker1 to answer again', 20_000, () => master.succeed(ping));
    await worker.remove();
  });

  test('is reached through the load balancer while it takes connections, by any address of its name', async () => {
    const { name, addresses, port } = await lab.loadBalancer([lab.host('worker1'), master]);
    await master.succeed(
      `systemd-run -q --unit=taken socat TCP-LISTEN:${String(port)},fork,reuseaddr SYSTEM:hostname`,
    );
    const known = await master.succeed(`getent ahostsv4 ${name}`);
    for (const address of addresses) {
      expect(known).toContain(address);
      await until('the load balancer to pass a connection on', 20_000, async () => {
        expect(await master.succeed(`socat -T 2 - TCP:${address}:${String(port)} </dev/null`)).toBe(
          'master1\n',
        );
      });
    }
    await master.succeed('systemctl stop taken');
  });

  test('shows its processes, and no other host', async () => {
    const running = master.start('exec sleep 7654321');
    const words = ['sleep', '7654321'];
    await until('the process to be seen', 20_000, () => {
      expect(master.processes().map(({ arguments: found }) => found)).toContainEqual(words);
    });
    expect(lab.host('worker2').processes()).toEqual([]);
    await master.succeed('pkill -f "^sleep 7654321"');
    await running.result;
  });

  test('is pristine after a reset', async () => {
    await master.reset();
    expect(master.running).toBe(false);
    await master.boot();
    expect((await master.run('cat /root/kept')).code).not.toBe(0);
    expect(await master.succeed('ls -A /var/lib/docker /var/lib/etcd')).toBe(
      '/var/lib/docker:\n\n/var/lib/etcd:\n',
    );
  });

  test('has the faces that it is given, and keeps them when it is replaced or wiped', async () => {
    const worker = await lab.original('worker1');
    await worker.reset({
      faces: ['long-name', 'two-cards', 'resolver-empty', 'no-localhost', 'earlier-cluster'],
    });
    await worker.boot();
    const expectFaces = async (host: LabHost): Promise<void> => {
      const name = (await host.succeed('hostname')).trim();
      expect(name).toBe(host.name);
      expect(name).toHaveLength(47);
      expect(await host.succeed(`getent hosts ${name}`)).toContain(`${host.address} `);
      expect(await host.succeed('ip -4 route show default')).toMatch(/ dev ens160/);
      expect(await host.succeed('ip -o -4 addr show dev host0')).toContain(`${host.address}/24`);
      expect(await host.read('/etc/resolv.conf')).toBe('');
      expect(await host.read('/etc/hosts')).not.toContain('localhost');
      expect(await host.succeed('ip -o link show type vxlan; iptables -t nat -S')).toMatch(
        /flannel\.1[^]*-N KUBE-SERVICES/,
      );
    };
    await expectFaces(worker);
    expect(await master.succeed(`getent hosts ${worker.name}`)).toContain(`${worker.address} `);
    // Over the other cards nobody is reached.
    await master.reset({ faces: ['no-default-route'] });
    await master.boot();
    expect(await master.succeed('ip -4 route show default')).toBe('');
    const [, other = ''] = /inet (\S+)\//.exec(await worker.succeed('ip -o -4 addr show dev ens160')) ?? [];
    expect((await master.run(`ping -c 1 -W 1 ${worker.address}`)).code).toBe(0);
    expect((await master.run(`ping -c 1 -W 1 ${other}`)).code).not.toBe(0);
    const fresh = await lab.replace('worker1');
    await fresh.boot();
    await expectFaces(fresh);
    await fresh.wipe();
    await fresh.boot();
    await expectFaces(fresh);
    await (await lab.original('worker1')).remove();
    await master.reset();
    await master.boot();
  });

  test("asks the site's DNS for what it does not know, which knows a name and says of others that there are none", async () => {
    expect(await master.succeed(`getent ahostsv4 ${dnsOnly}`)).toContain(`${lab.instance.gateway} `);
    expect((await master.run('getent hosts no.such.name.example.com')).code).toBe(2);
  });

  test('is another machine of that name when it was replaced, and the old one can return beside it', async () => {
    const old = await lab.original('worker1');
    await old.reset();
    await old.boot();
    await old.write('/root/of-the-old-one', 'still here');
    const was = await identityOf(old);
    await perform('npx', ['tsx', 'test/lab/main.ts', 'replace', 'worker1'], { cwd: root });
    const fresh = lab.host('worker1');
    expect(fresh).not.toBe(old);
    expect(old.running).toBe(false);
    expect(fresh.running).toBe(true);
    const is = await identityOf(fresh);
    expect(is).toHaveLength(was.length);
    expect(is.filter(word => was.includes(word))).toEqual([]);
    expect(await fresh.succeed('hostname')).toBe('worker1\n');
    expect((await fresh.run('cat /root/of-the-old-one')).code).not.toBe(0);
    await old.boot();
    expect(await old.read('/root/of-the-old-one')).toBe('still here');
    for (const host of [master, old, fresh]) {
      expect(await host.succeed('getent hosts worker1')).toContain(`${fresh.address} `);
    }
    expect((await master.run(`ping -c 1 -W 1 ${old.address}`)).code).toBe(0);
    expect(await lab.original('worker1')).toBe(old);
    expect(await master.succeed('getent hosts worker1')).toContain(`${old.address} `);
    await old.remove();
  });

  test('is another machine at the same address when it was wiped', async () => {
    const worker = lab.host('worker1');
    await worker.boot();
    await worker.write('/root/of-the-old-one', 'still here');
    const was = await identityOf(worker);
    await worker.wipe();
    await worker.boot();
    const is = await identityOf(worker);
    expect(is.filter(word => was.includes(word))).toEqual([]);
    expect((await worker.run('cat /root/of-the-old-one')).code).not.toBe(0);
    await worker.remove();
  });
});
