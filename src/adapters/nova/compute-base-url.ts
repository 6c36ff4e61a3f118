/**
 * Nova's address with its version and without a project, whatever the catalog says: `/v2.1`, `/v2.1/%(project_id)s` and
 * the bare root are all to be met. Without a slash at the end.
 */
export function computeBaseUrl(catalogUrl: string): string {
  const url = catalogUrl.replace(/\/+$/, '');
  const versioned = /^(.*\/v2(?:\.1)?)(?:\/.*)?$/.exec(url);
  return versioned?.[1] ?? `${url}/v2.1`;
}
