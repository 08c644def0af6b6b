"""The standard Evaluator with a verdict that says why."""
