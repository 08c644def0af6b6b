"""Pictures as plain geometry, in SVG's coordinates; templates only write them down."""
