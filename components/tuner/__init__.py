"""The standard Tuner, whose results say what is proposed and why."""
