"""Object stores as far as base paths need them: gs:// and s3:// behind one small interface."""
