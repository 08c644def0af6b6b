"""What the exit codes of the commands say."""

EXIT_CODES = """\
exit codes:
  0  done
  1  an error; one sentence says why
  2  a mistake in the command line"""
