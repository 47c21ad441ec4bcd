"""Thread series and image templates. Filled in a later phase."""
