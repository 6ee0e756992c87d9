/** A versioned symbol that an ELF file needs from a shared library: "libc.so.6" and "GLIBC_2.17". */
export interface NeededVersion {
  readonly library: string;
  readonly version: string;
}

const VERSION_NEEDED = 0x6ffffffe;

/** Whether these are the first bytes of an ELF file. */
export function isElf(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === 0x7f454c46;
}

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
}

function sections(file: Buffer): Section[] {
  const start = Number(file.readBigUInt64LE(0x28));
  const size = file.readUInt16LE(0x3a);
  const count = file.readUInt16LE(0x3c);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 24)),
      size: Number(file.readBigUInt64LE(at + 32)),
      link: file.readUInt32LE(at + 40),
      info: file.readUInt32LE(at + 44),
    };
  });
}

function text(file: Buffer, at: number): string {
  return file.toString('latin1', at, file.indexOf(0, at));
}

/**
 * What an ELF file for x86-64 needs of its libraries, from its section .gnu.version_r (System V ABI, "Symbol
 * versioning"; the same list as `readelf -V` prints). Throws for an ELF file of another kind.
 */
export function neededVersions(file: Buffer): NeededVersion[] {
  const [elfClass, byteOrder] = [file[4], file[5]];
  if (!isElf(file) || elfClass !== 2 || byteOrder !== 1)
    throw new Error('not a 64-bit little-endian ELF file');
  const all = sections(file);
  return all
    .filter(section => section.type === VERSION_NEEDED)
    .flatMap(section => {
      const strings = all[section.link]?.offset ?? 0;
      const needed: NeededVersion[] = [];
      let entry = section.offset;
      for (let left = section.info; left > 0; left -= 1) {
        const library = text(file, strings + file.readUInt32LE(entry + 4));
        let auxiliary = entry + file.readUInt32LE(entry + 8);
        for (let versions = file.readUInt16LE(entry + 2); versions > 0; versions -= 1) {
          needed.push({ library, version: text(file, strings + file.readUInt32LE(auxiliary + 8)) });
          auxiliary += file.readUInt32LE(auxiliary + 12);
        }
        entry += file.readUInt32LE(entry + 12);
      }
      return needed;
    });
}

/** The newest versions that EL7's own glibc 2.17 and libstdc++ (GCC 4.8.5) define. */
const el7: Readonly<Record<string, string>> = {
  GLIBC: '2.17',
  GLIBCXX: '3.4.19',
  CXXABI: '1.3.7',
  GCC: '4.8.0',
};

function newer(version: string, than: string): boolean {
  const [left, right] = [version.split('.').map(Number), than.split('.').map(Number)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** Those of the needed versions that an EL7 host does not have; a family of versions that is not known counts as missing. */
export function missingOnEl7(needed: readonly NeededVersion[]): NeededVersion[] {
  return needed.filter(({ version }) => {
    const [family, number] = version.split(/_(?=\d)/);
    const newest = el7[family ?? ''];
    return newest === undefined || number === undefined || newer(number, newest);
  });
}
