"""What the pages of the desk read. Every function takes a constant number of queries."""
