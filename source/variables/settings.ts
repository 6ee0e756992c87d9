import type { ShownValue } from '../engine/event';
import type { Secret } from '../engine/secret';
import type { VersionFacts } from '../kubernetes/versions';

export type ImageName =
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kube-proxy'
  | 'pause'
  | 'coredns'
  | 'etcd'
  | 'flannel'
  | 'tiller'
  | 'keepalived';

export interface Registry {
  /** host[:port][/path], as it stands before image names. */
  readonly address: string;
  /** True only where the site said so: images come unencrypted and unverified. */
  readonly plainHttp: boolean;
  /** PEM file on the host with the registry's CA, where it is not one of the system's. */
  readonly caFile?: string;
  readonly login?: { readonly username: string; readonly password: Secret };
}

/** What the installer was told, validated: nothing downstream checks it again. */
export interface Settings {
  /** "1.20.2", no leading v. */
  readonly kubeVersion: string;
  readonly facts: VersionFacts;
  readonly registry: Registry;
  /** Every image with repository and tag. */
  readonly images: Readonly<Record<ImageName, string>>;
  /** What kubeadm calls imageRepository: the common part of the four kube-* images. */
  readonly imageRepository: string;
  /** A repository URL for yum (baseurl); absent where the hosts have theirs already. */
  readonly yumRepository?: string;
  readonly clusterDomain: string;
  readonly clusterDns: string;
  /** CIDR. */
  readonly podSubnet: string;
  /** CIDR. */
  readonly serviceSubnet: string;
  /** The kubelet's form: "cpu=200m,memory=500Mi". Empty where nothing is reserved. */
  readonly systemReserved: string;
  readonly helmRepository: string;
  readonly tiller: boolean;
  /** A bootstrap token of the operator's choice; one is made where it is absent. */
  readonly token?: Secret;
  /** Every value with its source, for the plan. */
  readonly values: readonly ShownValue[];
}

/** One thing wrong with what was given, complete enough to mend it. */
export interface Problem {
  /** "KUBE_VERSION", "--vip". */
  readonly field: string;
  /** As given; masked where it is a secret. */
  readonly value: string;
  /** "flag", "environment", "variables:12". */
  readonly where: string;
  /** What is wrong: "is not an IPv4 address". */
  readonly wrong: string;
  /** What would be right: "an address such as 10.96.0.10". */
  readonly right: string;
}
