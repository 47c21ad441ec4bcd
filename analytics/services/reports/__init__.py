"""Reports: made once, sent once, the same figures in every format."""
