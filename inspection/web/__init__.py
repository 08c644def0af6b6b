"""A read-only web page over a metadata store and the files around it."""
