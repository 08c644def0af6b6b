"""Set-up and diagnosis: standard library only, because they run before anything is installed."""
