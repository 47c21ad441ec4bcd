"""The desk: Django admin in the unfold shell."""
