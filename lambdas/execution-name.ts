/** An execution's name becomes a folder in the bucket and a tag of snapshots, and RDS allows less in a tag than Step Functions in a name. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9_.=+@-]{0,79}$/;
