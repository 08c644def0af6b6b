"""Nodes of the graph: a folder each, with component.py, executor.py and pure logic beside them."""
