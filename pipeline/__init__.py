"""What decides the graph: settings, data set, wiring, evaluation limits."""
