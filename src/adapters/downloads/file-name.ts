/**
 * The name under which a package is kept: the last part of the path of its address. Undefined where that names no file, or
 * one that could be mistaken for the folders that packages are unpacked into.
 */
export function fileNameOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  const name = decoded(last).replaceAll(/[^\w.+-]/g, '_');
  const taken = ['', '.', '..', 'workflow', 'actions'];
  return taken.includes(name) || name.length > 200 ? undefined : name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
