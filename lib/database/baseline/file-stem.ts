/** Number and name out of a file's name in another language: `20240101000000_create_users.js`, `1700000000000_add-email`. */
export const fileStem = (file: string): { number?: string; name?: string } => {
  const { number, name } = /^(?<number>\d+)[_-](?<name>.+?)(?:\.(?:c|m)?(?:js|ts)|\.sql)?$/.exec(file)?.groups ?? {};
  return number && name ? { number, name } : {};
};
