import type { ShownValue } from '../engine/event';
import type { Secret } from '../engine/secret';
import type { Timings } from '../kubernetes/timings';
import type { VersionFacts } from '../kubernetes/versions';
import type { Master } from './master';

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

/** The address that clients, nodes and joins name instead of a master's. */
export interface Vip {
  /** As it was given: an IPv4 address, or a host name in lower case. */
  readonly endpoint: string;
  /** What it resolves to: one address, or several where it is a load balancer's name. */
  readonly addresses: readonly string[];
  /** What brings its packets to a master: keepalived on the masters, or a load balancer that is there already. */
  readonly carrier: 'keepalived' | 'load-balancer';
  /** VRRP's virtual router id, 1 to 255. */
  readonly routerId: number;
  /** 3 takes over in about a second; 2 has a password and takes over in about four. */
  readonly vrrpVersion: 2 | 3;
}

/** What the hosts run on, and what that was recognised from: "sys_vendor is "VMware, Inc."" or "flag --platform". */
export interface Platform {
  readonly name: 'aws' | 'vmware' | 'other';
  readonly from: string;
}

/** How the installer reaches the other masters to prepare and join them itself. */
export interface SshAccess {
  readonly user: string;
  /** A private key's file on this host; ssh's own choice where absent. */
  readonly keyFile?: string;
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
  /** URL of the key that signs the packages of yumRepository; without one their signatures are not checked. */
  readonly yumGpgKey?: string;
  /** Present where the site said that packages may come unsigned over plain HTTP. */
  readonly yumUnsigned?: boolean;
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
  readonly timings: Timings;
  /** CIDR of the network that the hosts' addresses are in; where absent, each host's own address is found by its name and its routes. */
  readonly nodeSubnet?: string;
  /** The host that the installer runs on, where --vip or --masters told of it. */
  readonly own?: Master;
  /** The masters beside this host, in the order of --masters; empty for a single master. */
  readonly others: readonly Master[];
  readonly vip?: Vip;
  readonly platform: Platform;
  /** Present where --ssh was given. */
  readonly ssh?: SshAccess;
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
