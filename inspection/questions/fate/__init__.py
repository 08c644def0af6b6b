"""Questions about what became of models: verdicts, versions, and what was served when."""
