/** Everything that differs between Kubernetes minors and that a step may ask; steps never compare versions. */
export interface VersionFacts {
  /** "1.20" */
  readonly minor: string;
  /** kubeadm's configuration API to write: the newest that this minor accepts, e.g. "kubeadm.k8s.io/v1beta2". */
  readonly kubeadmApi: string;
  /** Defaults of image tags, where the variables file names none. */
  readonly tags: {
    readonly etcd: string;
    readonly pause: string;
    readonly coredns: string;
    readonly flannel: string;
    readonly tiller: string;
    readonly keepalived: string;
  };
  /** Whether flannel's manifest carries a PodSecurityPolicy, its namespace, and whether it installs its own CNI program. */
  readonly flannel: {
    readonly podSecurityPolicy: boolean;
    readonly namespace: string;
    readonly cniPluginImage: boolean;
  };
  /** Off by default from 1.17: "Helm 3 needs nothing in the cluster". */
  readonly tillerByDefault: boolean;
  /** Node-role labels and taint keys of a master at this version. */
  readonly masterLabels: readonly string[];
  readonly masterTaints: readonly string[];
}
