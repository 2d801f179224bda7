"""One file a resource: types in, one call, a schema out."""
