-- Nothing to do here; /* really */
/* nothing /* nested */ at all */
