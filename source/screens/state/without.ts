/** A copy that lacks one optional property: with exactOptionalPropertyTypes, setting it to undefined is not the same. */
export function without<Whole extends object>(whole: Whole, name: keyof Whole): Whole {
  const rest: Partial<Whole> = { ...whole };
  Reflect.deleteProperty(rest, name);
  return rest as Whole;
}
