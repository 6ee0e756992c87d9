import { Lab, labAvailability } from '../lab';

/** Once all scenarios are through, nothing of the lab goes on running; what was built stays for the next time. */
export async function teardown(): Promise<void> {
  if (labAvailability().available) await (await Lab.attach()).down();
}
