/** Names of what is secret, whatever its value looks like: flags, keys of files, variables, headers. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)|pass(?![a-z])|pwd|secret|token|credential|api[-_.]?key|(?:access|account|private|shared|signing|encryption|master|certificate|client|sas)[-_.]?key|key[-_.]?data|auth(?![a-z])|auth[-_.]?pass|authorization|bind[-_.]?pw|cookie|community|webhook|connection[-_.]?string|signature/i;
/** Names that only speak of a secret: where it lies, what it is called, how long it lasts, which kind it is. */
const ABOUT_SECRET =
  /(?:file|path|dir|directory|name|names|ttl|expiration|duration|mode|modes|type|kind|url|urls|issuer|audiences?|size|count|enabled?|controllers?|hash|hashes|usages?|refs?)$|^-*(?:enable|disable|use)[-_]|^(?:automount|enable)[A-Z]|authorization[-_.]?(?:mode|webhook)|authentication|(?:reject|rotate|delete|token)[-_]/i;

/** Whether a flag, key or variable of this name has a secret for its value. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !ABOUT_SECRET.test(name);
}
