import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compile } from './compile';
import { program } from './layout';
import { thirdPartyLicences } from './licences';

const { source, metafile } = await compile();
await rm(dirname(program), { recursive: true, force: true });
await mkdir(dirname(program), { recursive: true });
await writeFile(program, `#!/usr/bin/env node\n${source}`, { mode: 0o755 });
await writeFile(join(dirname(program), 'THIRD-PARTY-LICENSES'), thirdPartyLicences(metafile));
