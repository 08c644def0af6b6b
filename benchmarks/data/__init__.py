"""How good models of tables and texts are beside their peers, and what it all costs."""
