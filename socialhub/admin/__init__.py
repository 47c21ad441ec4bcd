"""The desk: Django admin in the unfold shell.

Nothing is registered when this package is imported: the admin site itself lives in it (`site`).
`SocialHubAdminConfig.ready` imports `registered`, which imports every module of admins.
"""
