"""Looks at data once and drafts the settings that read them: nothing is guessed later."""
