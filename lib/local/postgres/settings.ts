/**
 * How each local server is set: small, since twenty of them share a laptop, and otherwise as Aurora has it.
 *
 * `fsync=off` spares the disk and loses nothing when a process is killed, not even PostgreSQL itself: what was written
 * is in the operating system's cache. Only a crash of the machine can damage the data; a state directory kept for
 * longer is worth no more than that. For the same reason the rest of the crash safety (full page writes,
 * synchronous commit) stays on: a killed PostgreSQL does lose what it hadn't written yet.
 */
export const settings = (port: number) => [
  `port=${port}`,
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'password_encryption=scram-sha-256',
  'max_connections=60',
  'shared_buffers=16MB',
  'min_wal_size=2MB',
  'max_wal_size=32MB',
  'fsync=off',
  // A snapshot is a base backup, and those need the full log.
  'wal_level=replica',
  'max_wal_senders=0',
  // A slot keeps the log for restores to a point in time; beyond this it is given up rather than the disk.
  'max_slot_wal_keep_size=512MB',
  'autovacuum_naptime=60s',
  'shared_preload_libraries=pg_stat_statements',
  'timezone=UTC',
  'log_timezone=UTC',
  'lc_messages=C',
  'datestyle=ISO, MDY',
];
