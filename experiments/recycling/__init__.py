"""How recycling rates, compares and reads posts: numbers and texts in, numbers out. No Django."""
