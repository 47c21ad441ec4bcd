"""The verbs: keep a row per publication, read the networks, write what changed."""
