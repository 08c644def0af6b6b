"""The standard ImportSchemaGen with the schema's content in the cache key."""
