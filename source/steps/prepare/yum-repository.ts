import { step } from '../../engine/step';
import type { Step } from '../../engine/step';
import { difference, observe } from '../../changes/desired';
import type { Desired } from '../../changes/desired';

/** Where the site's repository is told to yum. */
export const REPOSITORY_FILE = '/etc/yum.repos.d/kube-el7-install.repo';

/**
 * The site's own repository, where YUM_REPOSITORY names one. Google's repository for Kubernetes up to 1.23 is gone, so there is no key to check signatures with: a site that signs its packages configures a repository itself and leaves YUM_REPOSITORY empty.
 * What yum knows of it is renewed after a minute and not after six hours, or a package that was just added to a mirror would stay unseen.
 */
export function yumRepository(url: string): Step {
  const desired: readonly Desired[] = [
    { kind: 'file', path: REPOSITORY_FILE, content: repositoryText(url), mode: 0o644 },
  ];
  return step({
    id: 'yum-repository',
    title: 'Tell yum the repository',
    after: [],
    probe: host => observe(host, desired),
    plan: observed => difference(desired, observed),
  });
}

function repositoryText(url: string): string {
  return [
    '# Written by kube-el7-install from YUM_REPOSITORY.',
    '[kube-el7-install]',
    'name=Packages for Kubernetes nodes',
    `baseurl=${url}`,
    'enabled=1',
    '# No signing key is known for this repository. Use your own .repo file to have signatures checked.',
    'gpgcheck=0',
    'repo_gpgcheck=0',
    'metadata_expire=60',
    '',
  ].join('\n');
}
