import type { Command } from '../../../source/engine/host';
import { OWN_TIMINGS } from '../../../source/kubernetes/timings';
import { toYaml } from '../../../source/kubernetes/yaml';
import { etcdPod } from '../../../source/kubernetes/etcd-pod';
import type { Answer } from '../../support/fake-host';
import { EtcdHost, MASTERS } from '../etcd-host';

const STATE = '/var/lib/kube-el7-install';
const ENDPOINTS = MASTERS.map(({ address }) => `https://${address}:2379`).join(',');
const RULES = [
  '*nat',
  ':PREROUTING ACCEPT [0:0]',
  ':POSTROUTING ACCEPT [0:0]',
  ':DOCKER - [0:0]',
  ':KUBE-SERVICES - [0:0]',
  '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
  '-A POSTROUTING -s 10.244.0.0/16 -d 10.244.0.0/16 -j RETURN',
  '-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-1',
  'COMMIT',
  '',
].join('\n');

/** What stands on a master, as an installation leaves it. */
const FILES = {
  '/etc/kubernetes/admin.conf': 'kubeconfig',
  '/etc/kubernetes/kubelet.conf': 'kubeconfig',
  '/etc/kubernetes/pki/ca.key': 'canary-key',
  '/etc/kubernetes/pki/etcd/ca.crt': 'certificate',
  '/etc/kubernetes/manifests/kube-apiserver.yaml': `- --etcd-servers=${ENDPOINTS}\n`,
  '/etc/kubernetes/manifests/keepalived.yaml': 'kind: Pod\n',
  '/etc/kubernetes/keepalived/keepalived.conf.template':
    'virtual_ipaddress {\n        10.0.0.100/32 dev @interface@\n',
  '/etc/cni/net.d/10-flannel.conflist': '{}',
  '/run/flannel/subnet.env': 'FLANNEL_NETWORK=10.244.0.0/16\n',
  '/var/lib/etcd/member/snap/db': 'data',
  '/var/lib/etcd/member.before-1/db': 'older data',
  '/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n',
  '/var/lib/kubelet/config.json': 'login',
  '/usr/bin/kubeadm': '',
  '/root/.kube/config': 'current-context: administrator@kubernetes\n',
  [`${STATE}/bootstrap-token`]: 'canary-token',
  [`${STATE}/join-worker`]: 'kubeadm join',
  [`${STATE}/kubeadm-init.yaml`]: 'kind: ClusterConfiguration\n',
  [`${STATE}/journal.jsonl`]: '',
  [`${STATE}/bin/etcdctl`]: { content: 'a program', mode: 0o755 },
  [`${STATE}/bin/etcdctl.image`]: 'sha256:1\n',
};

/** A stand-in for the first of several masters of a finished cluster, or of one alone, which can be taken down. */
export class ResetHost extends EtcdHost {
  readonly units = new Map([
    ['kubelet.service', { active: 'active', file: 'enabled' }],
    ['docker.service', { active: 'active', file: 'enabled' }],
  ]);
  containers = true;
  vip = true;
  rules = RULES;
  links = ['eth0', 'docker0', 'cni0', 'flannel.1'];
  routes = [
    '10.0.0.0/24 dev eth0 scope link',
    '10.244.1.0/24 via 10.0.0.2 dev eth0',
    // For a host without a default route.
    '10.96.0.0/12 dev eth0 scope link src 10.0.0.1',
  ];
  nodes = ['master1', 'master2', 'master3', 'worker1'];
  apiAnswers = true;

  constructor(masters: 1 | 2 | 3 = 3) {
    super();
    for (const [path, file] of Object.entries(FILES)) {
      if (typeof file === 'string') this.put(path, file);
      else this.put(path, file.content, file.mode);
    }
    const pod = etcdPod({
      ...{ pod: 'etcd-cluster', name: 'master1', address: '10.0.0.1', image: 'registry/etcd:3.4.23' },
      ...{ initialCluster: [], state: 'existing', clients: 'everywhere', preVote: true },
      ...{ corruptCheck: false, startupProbe: true, timings: OWN_TIMINGS.etcd },
    });
    this.drop('/etc/kubernetes/manifests/etcd-init.yaml');
    this.put('/etc/kubernetes/manifests/etcd-cluster.yaml', toYaml(pod));
    this.members = MASTERS.slice(0, masters).map(({ hostname, address }, index) => ({
      ...{ id: String(100 + index), url: `https://${address}:2380`, name: hostname, learner: false },
    }));
    for (const { hostname } of MASTERS.slice(0, masters)) this.pods.set(hostname, 'etcd-cluster');
    this.#programs();
  }

  /** The same host in the same state, which goes its own way from here. */
  again(): ResetHost {
    const copy = new ResetHost();
    for (const [path] of copy.modes()) copy.drop(path);
    copy.adopt(this);
    copy.members = this.members.map(member => ({ ...member }));
    copy.pods.clear();
    for (const [name, pod] of this.pods) copy.pods.set(name, pod);
    for (const [name, turn] of this.turns) copy.turns.set(name, turn);
    for (const [name, unit] of this.units) copy.units.set(name, { ...unit });
    copy.leader = this.leader;
    const { containers, vip, rules, links, routes, nodes, apiAnswers } = this;
    return Object.assign(copy, { containers, vip, rules, links, routes, nodes, apiAnswers });
  }

  #programs(): void {
    this.answer('hostname', 'master1\n')
      .answer(/^getent ahostsv4 /, '10.0.0.1 STREAM master1\n')
      .answer('ip -4 -o addr show scope global', '2: eth0 inet 10.0.0.1/24 scope global eth0\n')
      .answer(
        'ip -4 -o addr show',
        () =>
          `2: eth0    inet 10.0.0.1/24 x\n${this.vip ? '2: eth0    inet 10.0.0.100/32 scope global eth0\n' : ''}`,
      )
      .answer(/^ip -4 -o route get /, '192.0.2.1 via 10.0.0.254 dev eth0 src 10.0.0.1\n')
      .answer('ip -o link show', () =>
        this.links.map((name, index) => `${index + 1}: ${name}: <UP>\n`).join(''),
      )
      .answer(
        /^ip link delete /,
        ({ args }) => ((this.links = this.links.filter(one => one !== args[2])), {}),
      )
      .answer('ip -4 route show', () => `${this.routes.join('\n')}\n`)
      .answer(/^ip -4 route delete /, ({ args }) => {
        this.routes = this.routes.filter(route => !route.startsWith(args[3] ?? ''));
        return {};
      })
      .answer('iptables-save', () => this.rules)
      .answer('ip6tables-save', { code: 127 })
      .answer(/^iptables-restore --noflush$/, ({ input }) => this.#restore(String(input)))
      .answer(/^systemctl show --property=LoadState/, ({ args }) => this.#show(args[2] ?? ''))
      .answer(/^systemctl (start|stop) /, ({ args: [action, name = ''] }) =>
        this.#unit(action === 'start', name),
      )
      .answer(/^docker ps /, ({ args }) => this.#listed(args.join(' ')))
      .answer(/^docker stop /, () => ((this.vip = false), {}))
      .answer(/^docker image inspect /, 'sha256:1\n')
      .answer(/etcdctl version$/, '')
      .answer(/^kubectl .* get secret /, ({ args }) => this.#turn(args))
      .answer(/^kubectl .* get node /, ({ args }) => this.#node(args))
      .answer(/^kubectl .* delete node /, () => {
        this.nodes = this.nodes.filter(name => name !== 'master1');
        return {};
      })
      .answer(/^kubeadm reset /, () => this.#kubeadmReset())
      .answer(/^sh -c docker ps .* docker rm/, () => ((this.containers = false), {}))
      .answer(/^sh -c sed .* umount$/)
      .answer(/^find -H \S+ -xdev -mindepth 1 -delete$/, ({ args }) => this.#empty(args[1] ?? '', true))
      .answer(/^rm --recursive /, ({ args }) => this.#empty(args.at(-1) ?? '', false))
      .answer(/^cp --archive /, ({ args }) => this.#copy(args, true))
      .answer(/^mv --no-target-directory /, ({ args }) => this.#copy(args, false))
      .answer(/^touch --no-create /)
      .answer('sync')
      .answer('systemctl daemon-reload')
      .answer(/^rpm -qf /, { code: 1 })
      .answer(/^rmdir /, ({ args }) => (this.drop(args.at(-1) ?? ''), {}));
  }

  #show(name: string): Answer {
    const unit = this.units.get(name);
    if (unit === undefined) return 'LoadState=not-found\nActiveState=inactive\n';
    return `LoadState=loaded\nActiveState=${unit.active}\nUnitFileState=${unit.file}\nMainPID=0\n`;
  }

  #unit(start: boolean, name: string): Answer {
    const unit = this.units.get(name);
    if (unit === undefined) return { code: 5 };
    unit.active = start ? 'active' : 'inactive';
    return {};
  }

  #listed(words: string): Answer {
    if (this.units.get('docker.service')?.active !== 'active') return { code: 1 };
    if (words.includes('etcdctl')) return '';
    if (words.includes('keepalived')) return this.vip && this.containers ? 'abc\n' : '';
    return this.containers ? 'abc\ndef\n' : '';
  }

  #turn(args: readonly string[]): Answer {
    if (!this.apiAnswers) return { code: 1, stderr: 'Unable to connect to the server' };
    const name = args.find(arg => arg.startsWith('kube-el7-install-master-'))?.slice(24) ?? '';
    return `found:${Buffer.from(this.turns.get(name) ?? 'cluster').toString('base64')}`;
  }

  #node(args: readonly string[]): Answer {
    const name = args[args.indexOf('node') + 1] ?? '';
    const found = this.apiAnswers && this.nodes.includes(name);
    return found ? `node/${name}\n` : { code: 1, stderr: 'not found' };
  }

  #kubeadmReset(): Answer {
    this.containers = false;
    this.pods.delete('master1');
    this.#unit(false, 'kubelet.service');
    for (const path of ['/etc/kubernetes/manifests', '/etc/kubernetes/pki', '/var/lib/kubelet'])
      this.#empty(path, true);
    for (const name of ['admin', 'kubelet']) this.drop(`/etc/kubernetes/${name}.conf`);
    return {};
  }

  #restore(input: string): Answer {
    const gone = [...input.matchAll(/^-X (\S+)$/gm)].map(([, chain = '']) => chain);
    const rules = [...input.matchAll(/^-D (.*)$/gm)].map(([, rule = '']) => `-A ${rule}`);
    this.rules = this.rules
      .split('\n')
      .filter(line => !rules.includes(line))
      .filter(line => !gone.some(chain => line.startsWith(`:${chain} `) || line.startsWith(`-A ${chain} `)))
      .join('\n');
    return {};
  }

  #empty(path: string, keepsItself: boolean): Answer {
    for (const [one] of this.modes()) {
      if (one.startsWith(`${path}/`) || (!keepsItself && one === path)) this.drop(one);
    }
    return {};
  }

  #copy(args: Command['args'], keeps: boolean): Answer {
    const [from = '', to = ''] = args.slice(-2);
    for (const [one, mode] of this.modes()) {
      if (one !== from && !one.startsWith(`${from}/`)) continue;
      const text = this.text(one);
      if (text !== undefined) this.put(to + one.slice(from.length), text, mode);
      if (!keeps) this.drop(one);
    }
    return {};
  }
}
