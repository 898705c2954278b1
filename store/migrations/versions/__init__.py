"""One file per change of the schema, named by its date and its deed."""
