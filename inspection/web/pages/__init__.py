"""One page each: from a snapshot and a request's arguments to what its template needs."""
