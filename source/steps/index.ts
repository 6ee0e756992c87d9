import type { Stage, Step } from '../engine/step';
import type { Master } from '../variables/master';
import type { Settings } from '../variables/settings';
import { administrator } from './administrator';
import { administratorCertificate } from './administrator-certificate';
import { bootstrapToken } from './bootstrap-token';
import { clusterCertificates } from './cluster-certificates';
import { clusterDns } from './cluster-dns';
import { clusterInfo } from './cluster-info';
import { corefile } from './corefile';
import { dnsApart } from './dns-apart';
import { etcd } from './etcd';
import { etcdCertificates } from './etcd-certificates';
import { etcdctl } from './etcdctl';
import { flannel } from './flannel';
import { helmHome } from './helm-home';
import { joinCommand } from './join-command';
import { joinToken } from './join-token';
import { keepalived } from './keepalived';
import { kubeadmConfigFile } from './kubeadm-config';
import { kubeadmInit } from './kubeadm-init';
import { loadBalancer } from './load-balancer';
import { lostObjects } from './lost-objects';
import { masterCertificates } from './master-certificates';
import { masterFiles } from './master-files';
import { mastersDaemon } from './masters-daemon';
import { otherMastersStages, prepareOtherStages } from './other-masters';
import { prepareSteps } from './prepare';
import { ownEtcd } from './own-etcd';
import { pullImages } from './pull-images';
import { storeMasters } from './store-masters';
import { lastSwap } from './swap-steps';
import { tiller } from './tiller';
import { tillerCertificates } from './tiller-certificates';
import { tillerSecretStep } from './tiller-secret';
import { isNamed, kubeProxies } from './kube-proxies';
import { verifyCluster } from './verify-cluster';
import { verifyEtcd } from './verify-etcd';
import { verifyTiller } from './verify-tiller';

/** Everything that an installation does, in order. Start reading here. */
export function stages(settings: Settings, master: Master): readonly Stage[] {
  const prepared = prepareSteps(settings);
  const ready = prepared.map(one => one.id);
  return [
    { id: 'prepare', title: 'Prepare host', steps: prepared },
    ...prepareOtherStages(settings),
    { id: 'images', title: 'Images and certificates', steps: imagesAndCertificates(settings, master, ready) },
    { id: 'etcd', title: 'etcd', steps: etcdSteps(settings, master) },
    { id: 'control-plane', title: 'Control plane', steps: controlPlaneSteps(settings, master) },
    {
      id: 'clients',
      title: 'Client certificates',
      steps: [
        administrator(settings, master, ['kubeadm-init']),
        clusterInfo(master, ['lost-objects']),
        joinCommand(settings, master, ['kubeadm-init', 'cluster-info']),
      ],
    },
    {
      id: 'network',
      title: 'Network',
      steps: [
        flannel(settings, master, ['kubeadm-init', 'pull-images-addons']),
        ...clusterDns(settings, master, ['kubeadm-init']),
        corefile(settings, master, ['kubeadm-init', 'lost-objects']),
        // Beside all that follows: it takes a minute until all replicas have moved, which the verification sees to.
        dnsApart(settings, master, [
          ...['corefile', 'flannel', 'lost-objects'],
          ...settings.others.slice(0, 1).map(({ hostname }) => `join-${hostname}`),
        ]),
      ],
    },
    ...(settings.tiller
      ? [{ id: 'tiller', title: 'tiller', steps: tillerSteps(settings, master, ready) }]
      : []),
    ...otherMastersStages(settings, master),
    verifyStage(settings, master),
  ];
}

/** The part that all nodes have in common: what the image that they are cloned from needs. */
export function prepareStages(settings: Settings): readonly Stage[] {
  return [{ id: 'prepare', title: 'Prepare host', steps: prepareSteps(settings) }];
}

/** The join command once more, with a new token where the last one has expired. */
export function joinStages(settings: Settings, master: Master): readonly Stage[] {
  return [
    {
      id: 'join',
      title: 'Join command',
      steps: [joinToken(settings, master), joinCommand(settings, master, ['join-token'])],
    },
  ];
}

function imagesAndCertificates(
  settings: Settings,
  master: Master,
  ready: readonly string[],
): readonly Step[] {
  const { images } = settings;
  const controlPlane = [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kube-proxy',
    'coredns',
  ] as const;
  const addons = [images.flannel, ...(settings.tiller ? [images.tiller] : [])];
  return [
    pullImages(
      {
        id: 'etcd',
        title: "etcd's images",
        images: [images.pause, images.etcd, ...(hasKeepalived(settings) ? [images.keepalived] : [])],
      },
      ready,
    ),
    pullImages(
      {
        id: 'control-plane',
        title: "the control plane's images",
        images: controlPlane.map(name => images[name]),
      },
      ready,
    ),
    pullImages({ id: 'addons', title: "the addons' images", images: addons }, ready),
    etcdCertificates(settings, master, ready),
    bootstrapToken(settings, ready),
    kubeadmConfigFile(settings, master, ['bootstrap-token']),
    clusterCertificates(settings, master, ['kubeadm-config', 'etcd-certificates']),
    administratorCertificate(['cluster-certificates']),
    ...(settings.others.length === 0
      ? []
      : [masterCertificates(settings, master, ['cluster-certificates', 'etcd-certificates'])]),
  ];
}

function hasKeepalived({ vip }: Settings): boolean {
  return vip?.carrier === 'keepalived';
}

function etcdSteps(settings: Settings, master: Master): readonly Step[] {
  return [
    etcd(settings, master, ['pull-images-etcd', 'etcd-certificates']),
    etcdctl(settings, ['pull-images-etcd']),
    // The kubelet that runs etcd runs it, too; the VIP comes up as soon as an apiserver answers.
    ...(hasKeepalived(settings) ? [keepalived(settings, master, ['etcd', 'cluster-certificates'])] : []),
  ];
}

function controlPlaneSteps(settings: Settings, master: Master): readonly Step[] {
  const { vip, others } = settings;
  const carried = hasKeepalived(settings) ? ['keepalived'] : [];
  return [
    kubeadmInit(settings, master, [
      ...['etcd', 'pull-images-control-plane', 'administrator-certificate'],
      ...carried,
    ]),
    lostObjects(settings, master, ['kubeadm-init']),
    ...(vip?.carrier === 'load-balancer' ? [loadBalancer(settings, master, ['kubeadm-init'])] : []),
    ...(others.length === 0
      ? []
      : [
          masterFiles(settings, master, ['kubeadm-init', 'master-certificates', ...carried]),
          ownEtcd(settings, master, ['kubeadm-init']),
          storeMasters(settings, master, ['master-files', 'own-etcd'], 'begin'),
          mastersDaemon(settings, master, ['store-masters']),
        ]),
  ];
}

function tillerSteps(settings: Settings, master: Master, ready: readonly string[]): readonly Step[] {
  return [
    tillerCertificates(settings, ready),
    helmHome(settings, ['tiller-certificates']),
    tillerSecretStep(master, ['tiller-certificates', 'kubeadm-init']),
    tiller(settings, master, ['tiller-secret', 'pull-images-addons']),
  ];
}

function verifyStage(settings: Settings, master: Master): Stage {
  const { tiller: withTiller, vip, others } = settings;
  const first = others.length === 0 ? [] : [storeAgain(settings, master)];
  const before = [
    ...['administrator', 'join-command', 'flannel', 'etcdctl', 'dns-apart'],
    ...(vip?.carrier === 'load-balancer' ? ['load-balancer'] : []),
    ...(withTiller ? ['helm-home', 'tiller'] : []),
    ...(others.length === 0 ? [] : ['masters-daemon']),
    ...first.map(({ id }) => id),
  ];
  const proxies =
    vip !== undefined && isNamed(vip.endpoint) ? [kubeProxies(vip.endpoint, master, before)] : [];
  return {
    id: 'verify',
    title: 'Verify',
    steps: [
      ...first,
      verifyEtcd(settings, master, before),
      ...proxies,
      verifyCluster(settings, master, [...before, ...proxies.map(({ id }) => id)]),
      ...(withTiller ? [verifyTiller(master, ['verify-cluster'])] : []),
    ],
  };
}

/** Once more at the end: what was made beside the control plane, such as tiller's PKI, is in it then. */
function storeAgain(settings: Settings, master: Master): Step {
  const after = [
    ...['administrator', lastSwap(settings, master)],
    ...(settings.facts.clusterStatus ? ['cluster-status'] : []),
    ...(settings.tiller ? ['tiller-certificates'] : []),
  ];
  return storeMasters(settings, master, after, 'end');
}
