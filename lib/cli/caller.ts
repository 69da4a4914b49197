import { hostname, userInfo } from 'node:os';

/** Whoever calls this command, as the machine knows them; the database adds the role that it was called with. */
export const caller = (): string => `${userInfo().username}@${hostname()}`;
