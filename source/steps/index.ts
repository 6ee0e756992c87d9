import type { Stage, Step } from '../engine/step';
import type { Settings } from '../variables/settings';
import { administrator } from './administrator';
import { administratorCertificate } from './administrator-certificate';
import { bootstrapToken } from './bootstrap-token';
import { clusterCertificates } from './cluster-certificates';
import { clusterDns } from './cluster-dns';
import { etcd } from './etcd';
import { etcdCertificates } from './etcd-certificates';
import { flannel } from './flannel';
import { helmHome } from './helm-home';
import { joinCommand } from './join-command';
import { joinToken } from './join-token';
import { kubeadmConfigFile } from './kubeadm-config';
import { kubeadmInit } from './kubeadm-init';
import type { Master } from '../variables/master';
import { prepareSteps } from './prepare';
import { pullImages } from './pull-images';
import { tiller } from './tiller';
import { tillerCertificates } from './tiller-certificates';
import { tillerSecretStep } from './tiller-secret';
import { verifyCluster } from './verify-cluster';
import { verifyEtcd } from './verify-etcd';
import { verifyTiller } from './verify-tiller';

/** Everything that an installation of a single master does, in order. Start reading here. */
export function stages(settings: Settings, master: Master): readonly Stage[] {
  const prepared = prepareSteps(settings);
  const ready = prepared.map(one => one.id);
  return [
    { id: 'prepare', title: 'Prepare host', steps: prepared },
    { id: 'images', title: 'Images and certificates', steps: imagesAndCertificates(settings, master, ready) },
    { id: 'etcd', title: 'etcd', steps: [etcd(settings, master, ['pull-images-etcd', 'etcd-certificates'])] },
    {
      id: 'control-plane',
      title: 'Control plane',
      steps: [
        kubeadmInit(settings, master, ['etcd', 'pull-images-control-plane', 'administrator-certificate']),
      ],
    },
    {
      id: 'clients',
      title: 'Client certificates',
      steps: [
        administrator(settings, master, ['kubeadm-init']),
        joinCommand(settings, master, ['kubeadm-init']),
      ],
    },
    {
      id: 'network',
      title: 'Network',
      steps: [
        flannel(settings, master, ['kubeadm-init', 'pull-images-addons']),
        ...clusterDns(settings, master, ['kubeadm-init']),
      ],
    },
    ...(settings.tiller
      ? [{ id: 'tiller', title: 'tiller', steps: tillerSteps(settings, master, ready) }]
      : []),
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
    pullImages({ id: 'etcd', title: "etcd's images", images: [images.pause, images.etcd] }, ready),
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
  const before = [
    'administrator',
    'join-command',
    'flannel',
    ...(settings.tiller ? ['helm-home', 'tiller'] : []),
  ];
  return {
    id: 'verify',
    title: 'Verify',
    steps: [
      verifyEtcd(settings, master, before),
      verifyCluster(settings, master, before),
      ...(settings.tiller ? [verifyTiller(master, ['verify-cluster'])] : []),
    ],
  };
}
