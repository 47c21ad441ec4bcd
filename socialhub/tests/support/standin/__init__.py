"""Stand-ins for networks: small stateful servers that speak a network's API over a socket.

`kit` has routes and what every stand-in keeps, `oauth` the consent page and tokens, `server` the
process, `client` what a test does behind the network's back. A network is one module or package
in `standins/` with an `APP` (a `server.StandIn`).
"""
