/**
 * Grows with every change of what `install` creates; a database says in its schema's comment which it has. By itself,
 * so that whoever only reads that brings none of the SQL along.
 */
export const SCHEMA_VERSION = 4;
