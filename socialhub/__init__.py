"""SocialHub: write, approve, publish, measure."""
