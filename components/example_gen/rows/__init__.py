"""The ExampleGen node for rows of any format."""
