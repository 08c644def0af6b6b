"""The fields of messages that a compiled file is made of, and values held against them."""
