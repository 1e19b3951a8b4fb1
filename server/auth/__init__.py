"""How people prove who they are, over HTTP: passwords, one-time codes, passkeys, OpenID Connect, cookies."""
