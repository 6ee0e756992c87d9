import type { Step } from '../../engine/step';
import type { Settings } from '../../variables/settings';
import { docker } from './docker';
import { dockerConfiguration } from './docker-configuration';
import { firewalld } from './firewalld';
import { kernelModules } from './kernel-modules';
import { kubelet } from './kubelet';
import { nameResolution } from './name-resolution';
import { networkManager } from './network-manager';
import { packages } from './packages';
import { registryLogin } from './registry-login';
import { selinux } from './selinux';
import { swap } from './swap';
import { sysctls } from './sysctls';
import { yumRepository } from './yum-repository';

/** The steps of the stage "Prepare host", the same for masters, workers and the image that they are cloned from. */
export function prepareSteps(settings: Settings): readonly Step[] {
  const { yumRepository: repository, registry } = settings;
  return [
    ...(repository === undefined ? [] : [yumRepository(settings, repository)]),
    packages(settings, repository === undefined ? [] : ['yum-repository']),
    selinux(),
    swap(),
    kernelModules(),
    sysctls(['kernel-modules']),
    firewalld(settings),
    networkManager(),
    nameResolution(settings),
    // After the packages: what flags docker is started with is known only then.
    dockerConfiguration(settings, ['packages']),
    ...(registry.login === undefined ? [] : [registryLogin(settings, registry.login)]),
    docker(settings, ['selinux', 'sysctls', 'docker-configuration']),
    kubelet(settings, ['docker']),
  ];
}
