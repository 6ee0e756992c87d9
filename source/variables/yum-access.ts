import type { Collector } from './collector';
import { url, yesOrNo } from './fields';
import type { Settings } from './settings';

const repositoryUrl = url(['http', 'https', 'file'], 'http://mirror.example/kubernetes-el7');
const keyUrl = url(['http', 'https', 'file'], 'file:///etc/pki/rpm-gpg/RPM-GPG-KEY-site');

/** The site's yum repository, and how what comes from it is verified. */
export function yumAccess(
  collector: Collector,
): Pick<Settings, 'yumRepository' | 'yumGpgKey' | 'yumUnsigned'> {
  const yumRepository = collector.optional('YUM_REPOSITORY', repositoryUrl);
  const yumGpgKey = collector.optional('YUM_REPOSITORY_GPGKEY', keyUrl);
  const yumUnsigned = collector.take('YUM_REPOSITORY_UNSIGNED', 'no', yesOrNo) === 'yes';
  if (yumGpgKey !== undefined && yumRepository === undefined) {
    collector.wrong('YUM_REPOSITORY_GPGKEY', yumGpgKey, {
      wrong: 'is given without YUM_REPOSITORY',
      right: 'both; a repository that the hosts have already names its key itself (gpgkey in its .repo file)',
    });
  }
  if (yumGpgKey !== undefined && yumUnsigned) {
    collector.wrong('YUM_REPOSITORY_GPGKEY', yumGpgKey, {
      wrong: 'is given for packages that YUM_REPOSITORY_UNSIGNED says to have no signature',
      right: 'one of the two',
    });
  }
  return {
    ...(yumRepository === undefined ? {} : { yumRepository }),
    ...(yumGpgKey === undefined ? {} : { yumGpgKey }),
    ...(yumUnsigned ? { yumUnsigned } : {}),
  };
}
