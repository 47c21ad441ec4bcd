"""What Facebook pages, Instagram and Threads have in common: Meta's Graph API."""
