import type { FieldName } from '../state/wizard';

/** What each question is called and what there is to know before answering it. */
export const WORDS: Readonly<Record<FieldName, { readonly label: string; readonly about: string }>> = {
  KUBE_VERSION: {
    label: 'KUBE_VERSION',
    about: 'The Kubernetes version to install: the list is what the yum repositories of this host offer.',
  },
  DOCKER_REGISTRY: {
    label: 'DOCKER_REGISTRY',
    about:
      "The site's own registry: host, host:port or host:port/path. Every image comes from there. It is asked for each of them now, and again before anything is changed.",
  },
  vip: {
    label: 'VIP',
    about:
      'The address or name under which clients and nodes reach the masters: a free address of their network, which keepalived carries; on AWS the name of a load balancer. Several masters need one; a single one may do without.',
  },
  masters: {
    label: 'Masters',
    about:
      'The names of all masters, separated by commas, this host among them. Three survive the loss of one, five of two; two are no safer than one. Leave it empty for a single master on this host.',
  },
};
