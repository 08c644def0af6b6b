"""Asking a model server: the clients, and rows, columns and pictures to ask about."""
